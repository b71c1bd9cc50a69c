/** Messages about elements of a set: as many as they need, for an attribute ends at 64 KiB. */
import { encodeNest } from '../codec/encode.js'
import { tableOf } from '../codec/table.js'
import { native } from '../native.js'
import { padded } from './bytes.js'
import { encodeNft, type RequestFlag } from './messages.js'
import { isEnd, type ElementRecord, type NftMessageName, type NftRecord, type PlainElements } from './records.js'

/** Bytes of elements in one message. Some room is left: the end of an interval must be in the message that has its beginning. */
const listSize = 0xffff - 4096

const { attributeHeader, listElement } = native.framing

const table = tableOf(native.objects.nftElement.table)
  .attributes.find(({ nesting }) => nesting === 'list')
  ?.inside('')

/** An element as it stands in a list. */
function encodeElement(element: ElementRecord): Uint8Array {
  if (table === undefined) throw new Error('the addon knows no elements')
  return encodeNest(listElement, table, element as Readonly<Record<string, unknown>>)
}

function* listsOf(elements: readonly ElementRecord[]): Generator<Uint8Array, void> {
  let list: Uint8Array[] = []
  let size = 0
  for (const element of elements) {
    const bytes = encodeElement(element)
    if (size + bytes.length > listSize && !isEnd(element)) {
      yield Buffer.concat(list)
      list = []
      size = 0
    }
    list.push(bytes)
    size += bytes.length
  }
  if (list.length > 0) yield Buffer.concat(list)
}

/** Puts each of the values, which are equally long, into its element. */
function place(values: Uint8Array, width: number, first: number, list: Uint8Array, start: number, stride: number): void {
  let from = first * width
  for (let at = start; at < list.length; at += stride) for (let byte = 0; byte < width; byte++) list[at + byte] = values[from++] ?? 0
}

/** Plain elements differ in their keys and values alone: each is written over a copy of the first. */
function* listsOfPlain({ count, keyLength, keys, dataLength, data }: PlainElements): Generator<Uint8Array, void> {
  const element = encodeElement({ key: keys.subarray(0, keyLength), ...(dataLength > 0 && { data: data.subarray(0, dataLength) }) })
  const stride = element.length
  // A nest for the element, one for its key, and one attribute that is the value; then again for the data.
  const keyAt = 3 * attributeHeader
  const dataAt = keyAt + padded(keyLength) + 2 * attributeHeader
  const most = Math.floor(listSize / stride)
  for (let first = 0; first < count; first += most) {
    const list = new Uint8Array(Math.min(most, count - first) * stride)
    for (let at = 0; at < list.length; at += stride) list.set(element, at)
    place(keys, keyLength, first, list, keyAt, stride)
    if (dataLength > 0) place(data, dataLength, first, list, dataAt, stride)
    yield list
  }
}

/** Makes the messages; `record` says which set it is. */
export function encodeElements(
  message: NftMessageName,
  record: NftRecord,
  elements: readonly ElementRecord[] | PlainElements,
  flags: readonly RequestFlag[] = [],
): Uint8Array[] {
  const lists = 'count' in elements ? listsOfPlain(elements) : listsOf(elements)
  return Array.from(lists, (list) => encodeNft(message, { elements: list, ...record }, flags))
}
