/** Reading the ruleset: dumps of its objects, all of one generation. */
import { setTimeout as pause } from 'node:timers/promises'
import { NetprimError, errnoOf } from '../errors.js'
import { native } from '../native.js'
import { setKey } from './commands.js'
import type { DecodedNft, NftMessageName, NftRecord } from './native-types.js'
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
  const list = async (message: NftMessageName, more: Partial<NftRecord> = {}): Promise<readonly DecodedNft[]> => {
    return transport.dump({
      message: native.encodeNft(message, { ...request, ...more, flags: ['dump'] }),
      purpose: { syscall: message, operation: 'nft.list' },
      decode: (replies) => native.decodeNft(replies).filter(passes),
    })
  }
  const isSetAlone = filter.set !== undefined
  const [tables, sets, chains, rules] = await Promise.all([
    list('NFT_MSG_GETTABLE'),
    list('NFT_MSG_GETSET'),
    isSetAlone ? [] : list('NFT_MSG_GETCHAIN'),
    isSetAlone ? [] : list('NFT_MSG_GETRULE', filter.chain === undefined ? {} : { chain: filter.chain }),
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
async function listElements(transport: NftTransport, record: NftRecord): Promise<readonly DecodedNft[]> {
  const { family, table = '', set = '' } = record
  const { interval } = shapeOf(record)
  const purpose = { syscall: 'NFT_MSG_GETSETELEM', operation: 'nft.list', target: `set ${family} ${table} ${set}` }
  for (let round = 0; round < maxRounds; round++) {
    const elements = await transport.dump({
      message: native.encodeNft('NFT_MSG_GETSETELEM', { family, table, set, flags: ['dump'] }),
      purpose,
      decode: (replies) => native.decodeNft(replies),
    })
    // Sets of intervals are trees.
    if (interval || !tellTwice(elements)) return elements
    await pause(2 ** round)
  }
  throw new NetprimError({ ...purpose, errno: errnoOf('EINTR'), detail: `the set was being enlarged during each of ${maxRounds} readings` })
}

/** Whether there is an element twice; the one for all other keys has none. */
function tellTwice(elements: readonly DecodedNft[]): boolean {
  const told = new Set<string>()
  for (const { count = 0, keyLength = 0, keys, details } of elements) {
    const bytes = Buffer.from(keys ?? [])
    for (let at = 0; at < count; at++) {
      if (details?.[at]?.flags?.includes('catchall') === true) continue
      const key = bytes.toString('latin1', at * keyLength, (at + 1) * keyLength)
      if (told.has(key)) return true
      told.add(key)
    }
  }
  return false
}
