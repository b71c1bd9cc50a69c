/** The cases of whole containers, for what attaches and detaches them in another process. */
import { Link, type Netns } from 'netprim'
import { freshNetns } from '../fresh-netns.js'
import type { Round, Rounds } from './answer-rounds.js'
import { runInside } from './run-inside.js'

export interface Container {
  readonly number: number
  readonly id: string
  readonly netns: Netns
  /** Published to port 80 of the container. */
  readonly hostPort: number
}

/** What brings containers into a network of this host, and takes them out of it. Both reject if anything fails. */
export interface Runtime {
  attach(container: Container): Promise<void>
  detach(container: Container): Promise<void>
}

/** @param round - its number, for the names of what is not in the host's namespace */
export type MakeRuntime = (host: Netns, round: number) => Runtime

let roundsSoFar = 0

async function newContainer(number: number): Promise<Container> {
  return { number, id: `container-${number}`, netns: await freshNetns(), hostPort: 20_000 + number }
}

async function attachNew(runtime: Runtime, number: number): Promise<Container> {
  const container = await newContainer(number)
  await runtime.attach(container)
  return container
}

/** Address by which the container is on the network; undefined without one, or without a way out. */
async function addressOf({ netns }: Container): Promise<string | undefined> {
  const [link] = (await netns.links.list({ kind: 'veth' })).filter(({ name, up }) => name === 'eth0' && up)
  const routes = await netns.routes.list({ family: 'ipv4' })
  if (link === undefined || !routes.some(({ to }) => to === 'default')) return undefined
  return (await link.addresses.list({ family: 'ipv4' }))[0]?.address.split('/')[0]
}

function natRules(host: Netns): string[] {
  return runInside(host, 'iptables-save', ['-t', 'nat']).split('\n')
}

/** Both runtimes spare multicast, which tells this rule from that of published ports. */
function masqueradesAllElse(rule: string): boolean {
  return rule.includes('! -d 224.0.0.0/4') && rule.includes('-j MASQUERADE')
}

async function isAttached(container: Container, rules: readonly string[]): Promise<boolean> {
  const address = await addressOf(container)
  if (address === undefined) return false
  const isPublished = rules.some(
    (rule) => rule.includes(`--dport ${container.hostPort} `) && rule.includes(`-j DNAT --to-destination ${address}:80`),
  )
  return isPublished && rules.some(masqueradesAllElse)
}

async function isDetached({ netns, hostPort }: Container, rules: readonly string[]): Promise<boolean> {
  return (await netns.links.list({ kind: 'veth' })).length === 0 && !rules.some((rule) => rule.includes(`--dport ${hostPort} `))
}

async function countWhere(containers: readonly Container[], test: (container: Container) => Promise<boolean>): Promise<number> {
  return (await Promise.all(containers.map(test))).filter(Boolean).length
}

/** A host with a network: the first container has made it, and keeps it. */
async function host(make: MakeRuntime, count: number): Promise<{ netns: Netns; runtime: Runtime }> {
  const netns = await freshNetns()
  await (await Link.get('lo', { netns })).set({ up: true })
  const runtime = make(netns, roundsSoFar++)
  await attachNew(runtime, count)
  return { netns, runtime }
}

export function containerRounds(make: MakeRuntime): Rounds {
  return {
    async attach(count): Promise<Round> {
      const { netns, runtime } = await host(make, count)
      const attached: Container[] = []
      async function run(): Promise<void> {
        for (let at = 0; at < count; at++) attached.push(await attachNew(runtime, at))
      }
      const done = async (): Promise<number> => {
        const rules = natRules(netns)
        return countWhere(attached, (container) => isAttached(container, rules))
      }
      return { run, done }
    },

    async detach(count): Promise<Round> {
      const { netns, runtime } = await host(make, count)
      const containers: Container[] = []
      for (let at = 0; at < count; at++) containers.push(await attachNew(runtime, at))
      async function run(): Promise<void> {
        for (const container of containers) await runtime.detach(container)
      }
      const done = async (): Promise<number> => {
        const rules = natRules(netns)
        return countWhere(containers, (container) => isDetached(container, rules))
      }
      return { run, done }
    },
  }
}
