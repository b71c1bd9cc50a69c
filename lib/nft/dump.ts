/** Reading the ruleset: dumps of its objects, all of one generation. */
import { setTimeout as pause } from 'node:timers/promises'
import { NetprimError, errnoOf } from '../errors.js'
import { inTurns } from '../turns.js'
import { orderOfBytes } from './bytes.js'
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
    if (after === before) return { ...dump, interfaces: usesInterfaces(dump) ? await transport.interfaces() : new Map() }
    before = after
  }
  throw new NetprimError({
    errno: errnoOf('EINTR'),
    syscall: 'NFT_MSG_GETGEN',
    operation: 'nft.list',
    detail: `the ruleset changed during each of ${maxRounds} readings`,
  })
}

async function readOnce(transport: NftTransport, filter: DumpFilter): Promise<Omit<Dump, 'interfaces'>> {
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
  const read = sets.filter((set) => isWanted(set, filter, rules))
  const elements = await Promise.all(
    read.map(async (set) => [setKey(set.family, set.table, set.set), await listElements(transport, set)] as const),
  )
  return { tables, chains, rules, sets, elements: new Map(elements) }
}

/** The elements of a set are read if it is to be said, or is anonymous and looked up by a rule that is. */
function isWanted(set: NftRecord, filter: DumpFilter, rules: readonly NftRecord[]): boolean {
  if (filter.set !== undefined) return set.set === filter.set
  if (!isAnonymous(set)) return filter.chain === undefined
  return rules.some(
    (rule) => rule.family === set.family && rule.table === set.table && rule.expressions?.some((each) => each.set === set.set),
  )
}

/**
 * The elements of a set; begun anew, a bounded number of times, while the kernel enlarges the set's hash table: then it tells of some
 * twice, and leaves as many out, with nothing else to show for it (rhashtable_walk_next).
 */
async function listElements(transport: NftTransport, record: NftRecord): Promise<readonly ElementRecord[]> {
  const { family, table = '', set = '' } = record
  const { interval } = shapeOf(record)
  const purpose = { syscall: 'NFT_MSG_GETSETELEM', operation: 'nft.list', target: `set ${family} ${table} ${set}` }
  for (let round = 0; round < maxRounds; round++) {
    const elements = await transport.dump({
      message: encodeNft('NFT_MSG_GETSETELEM', { family, table, set }, ['dump']),
      purpose,
      decode: decodeElements,
    })
    // Sets of intervals are trees.
    if (interval || !(await inTurns(tellTwice(elements)))) return elements
    await pause(2 ** round)
  }
  throw new NetprimError({ ...purpose, errno: errnoOf('EINTR'), detail: `the set was being enlarged during each of ${maxRounds} readings` })
}

/** Keys that are looked at in one step. */
const stepLength = 5000

/** Whether there is an element twice; the one for all other keys has no key. */
function* tellTwice(elements: readonly ElementRecord[]): Generator<undefined, boolean> {
  const told = new Set<number | string>()
  for (const { key } of elements) {
    if (key === undefined) continue
    const known = orderOfBytes(key)
    if (told.has(known)) return true
    told.add(known)
    if (told.size % stepLength === 0) yield
  }
  return false
}
