/** Program: does rounds of one case of changes with `ip`: a process for all operations (`batch`), or one for each (`each`). */
import { Bridge, Link, Netns } from 'netprim'
import { emptyNamespaces, freshNetns } from '../fresh-netns.js'
import { numbered, numberedAddress, numberedMac, numberedNeighbour } from '../numbered.js'
import { subnetBridge } from '../subnet-bridge.js'
import { countPairs, vethPairs } from '../veth-pairs.js'
import { answerRounds, type Round, type Rounds } from './answer-rounds.js'
import { runInside } from './run-inside.js'

/** What is asked of `ip`, as the lines of a batch. */
interface Change {
  readonly netns: Netns
  readonly lines: readonly string[]
  done(): Promise<number>
  clear?(): Promise<void>
}

type Prepare = (count: number) => Promise<Change>

async function vethCreate(count: number): Promise<Change> {
  const netns = await freshNetns()
  const lines = numbered(count, (at) => `link add v${at} type veth peer name p${at}`)
  return { netns, lines, done: () => countPairs(netns), clear: emptyNamespaces }
}

/** @param attach - the lines that make one pair and bring it where it belongs */
function vethCreateNetns(attach: (at: number, container: string) => string[]): Prepare {
  return async (count) => {
    const netns = await freshNetns()
    const container = await freshNetns()
    const bridge = await Bridge.create({ netns, name: 'br0', up: true })
    async function done(): Promise<number> {
      const here = (await netns.links.list({ kind: 'veth' })).filter(({ up, master }) => up && master === bridge.index)
      const there = await container.links.list({ kind: 'veth' })
      return Math.min(here.length, there.length)
    }
    return { netns, lines: numbered(count, (at) => attach(at, container.path)).flat(), done, clear: emptyNamespaces }
  }
}

async function vethDelete(count: number): Promise<Change> {
  const { netns, pairs } = await vethPairs(count)
  const lines = pairs.map(({ name }) => `link delete ${name}`)
  return { netns, lines, done: async () => count - (await countPairs(netns)) }
}

async function bridgeCreate(count: number): Promise<Change> {
  const netns = await freshNetns()
  const bridges = (): Promise<Link[]> => netns.links.list({ kind: 'bridge' })
  return { netns, lines: numbered(count, (at) => `link add b${at} type bridge`), done: async () => (await bridges()).length }
}

let namespaceRounds = 0

async function netnsCreate(count: number): Promise<Change> {
  const prefix = `r${namespaceRounds++}-`
  const done = async (): Promise<number> => (await Netns.list()).filter((name) => name.startsWith(prefix)).length
  return { netns: await freshNetns(), lines: numbered(count, (at) => `netns add ${prefix}${at}`), done }
}

/** @param line - what is added @param list - what is then there of it */
function onBridge(line: (at: number) => string, list: (netns: Netns) => Promise<readonly unknown[]>): Prepare {
  return async (count) => {
    const bridge = await subnetBridge()
    const { netns } = bridge
    const before = (await list(netns)).length
    const done = async (): Promise<number> => (await list(netns)).length - before
    return { netns, lines: numbered(count, line), done, clear: () => bridge.delete() }
  }
}

const changes: Readonly<Record<string, Prepare>> = {
  'veth-create': vethCreate,
  'veth-create-netns, peer moved': vethCreateNetns((at, container) => [
    `link add v${at} type veth peer name p${at}`,
    `link set p${at} netns ${container}`,
    `link set v${at} master br0 up`,
  ]),
  'veth-create-netns, peer made in place': vethCreateNetns((at, container) => [
    `link add v${at} up master br0 type veth peer name p${at} netns ${container}`,
  ]),
  'veth-delete': vethDelete,
  'veth-delete-all': vethDelete,
  'bridge-create': bridgeCreate,
  'netns-create': netnsCreate,
  'routes-add': onBridge(
    (at) => `route add ${numberedAddress(at)} via 192.168.0.2 dev br0`,
    (netns) => netns.routes.list(),
  ),
  'addresses-add': onBridge(
    (at) => `address add ${numberedAddress(at)}/32 dev br0`,
    async (netns) => (await Link.get('br0', { netns })).addresses.list({ family: 'ipv4' }),
  ),
  'neighbours-add': onBridge(
    (at) => `neighbour add ${numberedNeighbour(at)} lladdr ${numberedMac(at)} dev br0 nud permanent`,
    async (netns) => (await netns.neighbours.list()).filter(({ state }) => state === 'permanent'),
  ),
}

const manners: Readonly<Record<string, (change: Change) => () => void>> = {
  batch({ netns, lines }) {
    const input = lines.join('\n')
    return () => runInside(netns, 'ip', ['-batch', '-'], input)
  },
  each({ netns, lines }) {
    const commands = lines.map((line) => line.split(' '))
    return () => commands.forEach((args) => runInside(netns, 'ip', args))
  },
}

const [manner = '', ...caseAndCount] = process.argv.slice(2)

async function roundOf(prepare: Prepare, count: number): Promise<Round> {
  const change = await prepare(count)
  const run = manners[manner]?.(change)
  if (run === undefined) throw new Error(`no manner '${manner}'`)
  return { ...change, run }
}

const rounds: Rounds = Object.fromEntries(
  Object.entries(changes).map(([name, prepare]) => [name, (count: number) => roundOf(prepare, count)]),
)

void answerRounds(rounds, ...caseAndCount)
