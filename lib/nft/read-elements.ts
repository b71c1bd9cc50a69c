/** Elements of sets and maps: from records back to JSON, ordered and written as `nft -j` does. */
import { atOnce } from '../turns.js'
import { behindAll, equalBytes, latin1, orderBehind, orderOfBytes, padded, predecessor, reversed } from './bytes.js'
import { sizeOf, type DataType, type Interfaces } from './datatypes.js'
import { inOrder, type Ordered } from './in-order.js'
import type { Json } from './json.js'
import { isEnd, type ElementRecord } from './records.js'
import { sayVerdict } from './read-statements.js'
import { hasRangedFields, type SetShape } from './set-shape.js'
import { formatSpan, orderedSpan } from './span.js'

const nothing = new Uint8Array()

function isCatchall({ flags }: ElementRecord): boolean {
  return flags?.includes('catchall') === true
}

/** The fields of a concatenated value, without the padding. */
function fieldsOf(types: readonly DataType[], bytes: Uint8Array): readonly Uint8Array[] {
  let at = 0
  return types.map((type) => {
    const field = bytes.subarray(at, at + sizeOf(type))
    at += padded(sizeOf(type))
    return field
  })
}

/** What orders as nft orders: integers by value, all else as if the last byte were the most significant. */
function orderOf(types: readonly DataType[], key: Uint8Array): number | string {
  const [type] = types
  if (types.length > 1) return orderOfBytes(reversed(withoutPadding(types, key)))
  return orderOfBytes(type?.byteorder === 'network' ? key : reversed(key))
}

/** What {@link fieldsOf} gives, joined: to make the fields for that would take a list an eighth longer. */
function withoutPadding(types: readonly DataType[], key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(types.reduce((sum, type) => sum + sizeOf(type), 0))
  let [from, to] = [0, 0]
  for (const type of types) {
    const size = sizeOf(type)
    for (let at = 0; at < size; at++) bytes[to++] = key[from + at] ?? 0
    from += padded(size)
  }
  return bytes
}

function sayKey(types: readonly DataType[], { key = nothing, keyEnd = key }: ElementRecord, interfaces: Interfaces): unknown {
  const [type] = types
  if (types.length === 1 && type !== undefined) return formatSpan({ from: key, to: keyEnd }, type, interfaces)
  const starts = fieldsOf(types, key)
  const ends = keyEnd === key ? starts : fieldsOf(types, keyEnd)
  return { concat: types.map((each, at) => formatSpan({ from: starts[at] ?? nothing, to: ends[at] ?? nothing }, each, interfaces)) }
}

function sayData({ data: types }: SetShape, { data = nothing, verdict, chain }: ElementRecord, interfaces: Interfaces): unknown {
  if (types === 'verdict') return sayVerdict(verdict, chain)
  return sayKey(types ?? [], { key: data }, interfaces)
}

const millisecond = 1000

function seconds(milliseconds: number | bigint): number {
  return Math.floor(Number(milliseconds) / millisecond)
}

/** What is said of an element beside its key and its value; undefined if that is nothing, as of most. */
function sayMore({ timeout, expires, comment, expressions }: ElementRecord): Json | undefined {
  if (timeout === undefined && expires === undefined && comment === undefined && expressions === undefined) return undefined
  const counter = expressions?.find(({ name }) => name === 'counter')
  const other = expressions?.find(({ name }) => name !== 'counter')
  return {
    ...(timeout !== undefined && { timeout: seconds(timeout) }),
    ...(expires !== undefined && { expires: seconds(expires) }),
    ...(comment !== undefined && { comment }),
    ...(counter !== undefined && { counter: { packets: counter.packets, bytes: counter.bytes } }),
    ...(other !== undefined && { unknown: other.name }),
  }
}

function sayElement(shape: SetShape, val: unknown, element: ElementRecord, interfaces: Interfaces): unknown {
  const more = sayMore(element)
  const key = more === undefined ? val : { elem: { val, ...more } }
  if (shape.object !== undefined) return [key, element.object]
  return shape.data === undefined ? key : [key, sayData(shape, element, interfaces)]
}

/** Elements that are said in one step. */
const stepLength = 500

/** How the elements of a set are read. */
export interface Reading {
  /** What is kept of them until all have been read: what they are put in order by, and what is said of them as far as each tells it. */
  keep(elements: readonly ElementRecord[]): Ordered<unknown>[]
  /** What is said of all, which have been put in order; step by step. */
  say(kept: readonly Ordered<unknown>[]): Generator<undefined, readonly unknown[]>
}

/** `keys` are the types to say keys with. */
export function readingOf(shape: SetShape, interfaces: Interfaces, keys: readonly DataType[] = shape.keys): Reading {
  const [type] = keys
  return shape.interval && keys.length === 1 && type !== undefined ? intervals(shape, interfaces, type) : singles(shape, interfaces, keys)
}

/** Says few elements at once. */
export function sayElements(reading: Reading, elements: readonly ElementRecord[]): readonly unknown[] {
  return atOnce(reading.say(atOnce(inOrder(reading.keep(elements)))))
}

function singles(shape: SetShape, interfaces: Interfaces, keys: readonly DataType[]): Reading {
  const length = keys.reduce((sum, type) => sum + sizeOf(type), 0)
  // Elements of such a set stay as they are told.
  const order = (key: Uint8Array): number | string => (hasRangedFields(shape) ? 0 : orderOf(keys, key))
  return {
    keep: (elements) =>
      elements.map((element) => {
        if (isCatchall(element)) return { order: orderBehind(length), item: sayElement(shape, '*', element, interfaces) }
        const { key = nothing } = element
        return { order: order(key), item: sayElement(shape, sayKey(keys, element, interfaces), element, interfaces) }
      }),
    *say(kept) {
      const said: unknown[] = []
      for (const { item } of kept) if (said.push(item) % stepLength === 0) yield
      return said
    },
  }
}

/** Each interval goes from a key to the one before the next key, whether that ends it or begins another. */
function intervals(shape: SetShape, interfaces: Interfaces, type: DataType): Reading {
  return {
    keep: (elements) => elements.map((item) => ({ order: orderOfEdge(item), item })),
    *say(kept) {
      const elements = kept as readonly Ordered<ElementRecord>[]
      const said: unknown[] = []
      for (let at = 0; at < elements.length; at++) {
        const element = elements[at]?.item
        if (element === undefined || isEnd(element)) continue
        const val = isCatchall(element) ? '*' : sayInterval(element, elements[at + 1]?.item.key, type, interfaces)
        if (said.push(sayElement(shape, val, element, interfaces)) % stepLength === 0) yield
      }
      return said
    },
  }
}

/** Of two with the same key the end of one interval comes before the beginning of the next. */
function orderOfEdge(element: ElementRecord): string {
  return isCatchall(element) ? behindAll : latin1(element.key ?? nothing) + (isEnd(element) ? '0' : '1')
}

/** @param next - the first key that is not in it; undefined if it has no end */
function sayInterval(
  { key: from = nothing }: ElementRecord,
  next: Uint8Array | undefined,
  type: DataType,
  interfaces: Interfaces,
): unknown {
  const to = (next && predecessor(next)) ?? new Uint8Array(from.length).fill(0xff)
  return formatSpan(orderedSpan({ from, to }, type), type, interfaces)
}

/** The interval that the kernel told by its two ends, or the element that is no interval; undefined if there is none. */
export function sayOneElement(shape: SetShape, elements: readonly ElementRecord[], interfaces: Interfaces): unknown {
  const start = elements.find((element) => !isEnd(element))
  if (start === undefined) return undefined
  if (isCatchall(start)) return sayElement(shape, '*', start, interfaces)
  const [type] = shape.keys
  if (!shape.interval || shape.keys.length > 1 || type === undefined)
    return sayElement(shape, sayKey(shape.keys, start, interfaces), start, interfaces)
  const end = elements.find((element) => isEnd(element) && !equalBytes(element.key ?? nothing, start.key ?? nothing))?.key
  return sayElement(shape, sayInterval(start, end, type, interfaces), start, interfaces)
}
