/** The messages of nftables, each a function on bytes. */
import { encodeMessage } from '../codec/encode.js'
import { decoder } from '../codec/messages.js'
import { tableOf } from '../codec/table.js'
import { native } from '../native.js'
import type { ElementRecord, NftMessageName, NftRecord } from './records.js'

/** What a request asks for beside what its record says. */
export type RequestFlag = keyof typeof native.framing.flags

const { nftTable, nftChain, nftRule, nftSet, nftElement, nftGeneration, nftBatch } = native.objects

const requests = new Map(
  [nftTable, nftChain, nftRule, nftSet, nftElement, nftGeneration, nftBatch].flatMap(({ requests: named, table }) =>
    Object.entries(named).map(([name, request]) => [name, { ...request, table }] as const),
  ),
)

function encode(name: string, record: Readonly<Record<string, unknown>>, flags: readonly RequestFlag[]): Uint8Array {
  const request = requests.get(name)
  if (request === undefined) throw new Error(`the addon knows no message '${name}'`)
  const asked = flags.reduce((all, flag) => all | native.framing.flags[flag], request.flags)
  return encodeMessage(request.type, asked, tableOf(request.table), record)
}

/** Makes a message of a record. */
export function encodeNft(message: NftMessageName, record: NftRecord, flags: readonly RequestFlag[] = []): Uint8Array {
  return encode(message, record, flags)
}

/** The message that begins a transaction; with a generation, the kernel refuses it (ERESTART) if the ruleset is of another by then. */
export function encodeBatchBegin(generation?: number): Uint8Array {
  return encode('NFNL_MSG_BATCH_BEGIN', { subsystem: 'nftables', generation }, [])
}

/** The message that ends a transaction. */
export function encodeBatchEnd(): Uint8Array {
  return encode('NFNL_MSG_BATCH_END', { subsystem: 'nftables' }, [])
}

type DecodeNft = (bytes: Uint8Array) => NftRecord[]

export const decodeTables = decoder(nftTable) as DecodeNft
export const decodeChains = decoder(nftChain) as DecodeNft
export const decodeRules = decoder(nftRule) as DecodeNft
export const decodeSets = decoder(nftSet) as DecodeNft
export const decodeGeneration = decoder(nftGeneration) as DecodeNft

const decodeElementLists = decoder(nftElement)

/** The elements in all of the messages. */
export function decodeElements(bytes: Uint8Array): ElementRecord[] {
  const lists = decodeElementLists(bytes).map(({ elements }) => (elements ?? []) as ElementRecord[])
  // Most often one, of hundreds.
  return lists.length === 1 ? (lists[0] as ElementRecord[]) : lists.flat()
}
