/** Program: does rounds of one case with `nft`: a process for each transaction, or for a list until its text is parsed. */
import type { Netns } from 'netprim'
import { freshNetns } from '../fresh-netns.js'
import { clearTable, countRules, type Ruleset } from '../nft-table.js'
import { numbered, numberedAddress } from '../numbered.js'
import { countPublished, elementsIn } from '../published-ports.js'
import { answerRounds, type Round, type Rounds } from './answer-rounds.js'
import { runInside } from './run-inside.js'

/** How many elements are there when one more is published. */
const published = 10_000

const element = (at: number): string => `tcp . ${1024 + at} : ${numberedAddress(at)} . 80`
const elements = (count: number): string => `add element inet t m { ${numbered(count, element).join(', ')} }\n`

async function table(...contents: string[]): Promise<Netns> {
  const netns = await freshNetns()
  runInside(netns, 'nft', ['-f', '-'], ['add table inet t', ...contents].join('\n'))
  return netns
}

const tableWithMap = (size = ''): Promise<Netns> =>
  table(`add map inet t m { type inet_proto . inet_service : ipv4_addr . inet_service; ${size} }`)

async function addElements(count: number, size = ''): Promise<Round> {
  const netns = await tableWithMap(size)
  const input = elements(count)
  const run = (): void => void runInside(netns, 'nft', ['-f', '-'], input)
  return { run, done: () => countPublished(netns), clear: () => clearTable(netns) }
}

async function publish(count: number): Promise<Round> {
  const netns = await tableWithMap()
  runInside(netns, 'nft', ['-f', '-'], elements(published))
  const commands = numbered(count, (at) => `add element inet t m { ${element(published + at)} }`)
  const run = (): void => commands.forEach((command) => runInside(netns, 'nft', [command]))
  return { run, done: async () => (await countPublished(netns)) - published, clear: () => clearTable(netns) }
}

async function addRules(count: number): Promise<Round> {
  const netns = await table('add chain inet t c')
  const input = numbered(count, (at) => `add rule inet t c ip saddr ${numberedAddress(at)} tcp dport ${1 + at} accept\n`).join('')
  const run = (): void => void runInside(netns, 'nft', ['-f', '-'], input)
  return { run, done: () => countRules(netns), clear: () => clearTable(netns) }
}

async function withElements(count: number): Promise<Netns> {
  const netns = await tableWithMap(`size ${count};`)
  runInside(netns, 'nft', ['-f', '-'], elements(count))
  return netns
}

/** What takes seconds to make serves all rounds. */
let made: Promise<Netns> | undefined

async function listElements(count: number): Promise<Round> {
  const netns = await (made ??= withElements(count))
  let listed = 0
  const run = (): void => {
    listed = elementsIn(JSON.parse(runInside(netns, 'nft', ['-j', 'list', 'map', 'inet', 't', 'm'])) as Ruleset)
  }
  return { run, done: () => listed }
}

const rounds: Rounds = {
  'nft-elements': addElements,
  'nft-elements-sized': (count) => addElements(count, `size ${count};`),
  'nft-publish': publish,
  'nft-rules': addRules,
  'nft-list': listElements,
}

void answerRounds(rounds, ...process.argv.slice(2))
