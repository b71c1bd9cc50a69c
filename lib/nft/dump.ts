/** Reading the ruleset: dumps of its objects, all of one generation. */
import { setTimeout as pause } from 'node:timers/promises'
import { NetprimError, errnoOf } from '../errors.js'
import { inTurns } from '../turns.js'
import { behindAll, latin1 } from './bytes.js'
import type { Interfaces } from './datatypes.js'
import { inOrder, type Ordered } from './in-order.js'
import { readingOf } from './read-elements.js'
import { setKey } from './commands.js'
import { decodeChains, decodeElements, decodeRules, decodeSets, decodeTables, encodeNft } from './messages.js'
import type { ElementRecord, NftMessageName, NftRecord } from './records.js'
import { shapeOf } from './set-shape.js'
import type { NftTransport } from './transport.js'
import { isAnonymous, usesInterfaces, type Dump } from './read-ruleset.js'

/** Which objects are read. */
export interface DumpFilter {
  readonly family?: string | undefined
  readonly table?: string | undefined
  readonly chain?: string | undefined
  /** A set, with its elements, and nothing else. */
  readonly set?: string | undefined
}

/** How often reading is begun anew when the ruleset changed meanwhile. */
const maxRounds = 10

/** Reads what passes the filter; begun anew, a bounded number of times, if a transaction came between. */
export async function readDump(transport: NftTransport, filter: DumpFilter, generation: () => Promise<number>): Promise<Dump> {
  let before = await generation()
  for (let round = 0; round < maxRounds; round++) {
    const dump = await readOnce(transport, filter)
    const after = await generation()
    if (after === before) return dump
    before = after
  }
  throw new NetprimError({
    errno: errnoOf('EINTR'),
    syscall: 'NFT_MSG_GETGEN',
    operation: 'nft.list',
    detail: `the ruleset changed during each of ${maxRounds} readings`,
  })
}

async function readOnce(transport: NftTransport, filter: DumpFilter): Promise<Dump> {
  const family = filter.family ?? 'unspec'
  const request: NftRecord = { family, ...(filter.table !== undefined && { table: filter.table }) }
  const passes = (record: NftRecord): boolean =>
    (filter.family === undefined || record.family === filter.family) && (filter.table === undefined || record.table === filter.table)
  const list = async (
    message: NftMessageName,
    decode: (replies: Uint8Array) => NftRecord[],
    more: Partial<NftRecord> = {},
  ): Promise<readonly NftRecord[]> => {
    return transport.dump({
      message: encodeNft(message, { ...request, ...more }, ['dump']),
      purpose: { syscall: message, operation: 'nft.list' },
      decode: (replies) => decode(replies).filter(passes),
    })
  }
  const isSetAlone = filter.set !== undefined
  const [tables, sets, chains, rules] = await Promise.all([
    list('NFT_MSG_GETTABLE', decodeTables),
    list('NFT_MSG_GETSET', decodeSets),
    isSetAlone ? [] : list('NFT_MSG_GETCHAIN', decodeChains),
    isSetAlone ? [] : list('NFT_MSG_GETRULE', decodeRules, filter.chain === undefined ? {} : { chain: filter.chain }),
  ])
  const interfaces: Interfaces = usesInterfaces({ sets, rules }) ? await transport.interfaces() : new Map<number, string>()
  const [said, elements] = [new Map<string, readonly unknown[]>(), new Map<string, readonly ElementRecord[]>()]
  await Promise.all(
    sets
      .filter((set) => isWanted(set, filter, rules))
      .map(async (set) => {
        const key = setKey(set.family, set.table, set.set)
        if (isAnonymous(set)) elements.set(key, await listElements(transport, set))
        else said.set(key, await sayListed(transport, set, interfaces))
      }),
  )
  return { tables, chains, rules, sets, said, elements, interfaces }
}

/** The elements of a set are read if it is to be said, or is anonymous and looked up by a rule that is. */
function isWanted(set: NftRecord, filter: DumpFilter, rules: readonly NftRecord[]): boolean {
  if (filter.set !== undefined) return set.set === filter.set
  if (!isAnonymous(set)) return filter.chain === undefined
  return rules.some(
    (rule) => rule.family === set.family && rule.table === set.table && rule.expressions?.some((each) => each.set === set.set),
  )
}

/** The elements of a set that only its rule can say, and put in order. */
async function listElements(transport: NftTransport, set: NftRecord): Promise<readonly ElementRecord[]> {
  const { interval } = shapeOf(set)
  const orderOf = ({ key }: ElementRecord): string => (key === undefined ? behindAll : latin1(key))
  // Ranges of several fields stay as they are told.
  const kept = await dumpElements(transport, set, (elements) => elements.map((item) => ({ order: interval ? 0 : orderOf(item), item })))
  return kept.map(({ item }) => item)
}

/** What is said of the elements of a set; as soon as they are read, for they are much larger than that. */
async function sayListed(transport: NftTransport, set: NftRecord, interfaces: Interfaces): Promise<readonly unknown[]> {
  const reading = readingOf(shapeOf(set), interfaces)
  return inTurns(reading.say(await dumpElements(transport, set, (elements) => reading.keep(elements))))
}

/**
 * The elements of a set, in order; begun anew, a bounded number of times, while the kernel enlarges the set's hash table: then it tells
 * of some twice, and leaves as many out, with nothing else to show for it (rhashtable_walk_next).
 */
async function dumpElements<Item>(
  transport: NftTransport,
  record: NftRecord,
  keep: (elements: readonly ElementRecord[]) => readonly Ordered<Item>[],
): Promise<readonly Ordered<Item>[]> {
  const { family, table = '', set = '' } = record
  const { interval } = shapeOf(record)
  const purpose = { syscall: 'NFT_MSG_GETSETELEM', operation: 'nft.list', target: `set ${family} ${table} ${set}` }
  for (let round = 0; round < maxRounds; round++) {
    const kept = await transport.dump({
      message: encodeNft('NFT_MSG_GETSETELEM', { family, table, set }, ['dump']),
      purpose,
      decode: (replies) => keep(decodeElements(replies)),
    })
    const sorted = await inTurns(inOrder(kept))
    // Sets of intervals are trees.
    if (interval || !(await inTurns(tellTwice(sorted)))) return sorted
    await pause(2 ** round)
  }
  throw new NetprimError({ ...purpose, errno: errnoOf('EINTR'), detail: `the set was being enlarged during each of ${maxRounds} readings` })
}

/** Elements that are looked at in one step. */
const stepLength = 5000

/** Whether there is an element twice; they are in order. */
function* tellTwice(sorted: readonly Ordered<unknown>[]): Generator<undefined, boolean> {
  for (let at = 1; at < sorted.length; at++) {
    if (sorted[at]?.order === sorted[at - 1]?.order) return true
    if (at % stepLength === 0) yield
  }
  return false
}
