/** Elements of sets and maps: from records back to JSON, ordered and written as `nft -j` does. */
import { equalBytes, latin1, orderOfBytes, padded, predecessor, reversed } from './bytes.js'
import { sizeOf, type DataType, type Interfaces } from './datatypes.js'
import { inOrder } from './in-order.js'
import type { Json } from './json.js'
import type { ElementRecord } from './records.js'
import { sayVerdict } from './read-statements.js'
import { hasRangedFields, type SetShape } from './set-shape.js'
import { formatSpan, orderedSpan } from './span.js'

const nothing = new Uint8Array()

function isEnd({ flags }: ElementRecord): boolean {
  return flags?.includes('end') === true
}

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
  if (types.length === 1 && type !== undefined) return orderOfBytes(type.byteorder === 'network' ? key : reversed(key))
  return orderOfBytes(reversed(Buffer.concat(fieldsOf(types, key))))
}

function sayKey(types: readonly DataType[], { key = nothing, keyEnd = key }: ElementRecord, interfaces: Interfaces): unknown {
  const [type] = types
  if (types.length === 1 && type !== undefined) return formatSpan({ from: key, to: keyEnd }, type, interfaces)
  const [starts, ends] = [fieldsOf(types, key), fieldsOf(types, keyEnd)]
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

/** What is said of an element beside its key and its value. */
function sayMore({ timeout, expires, comment, expressions }: ElementRecord): Json {
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
  const key = Object.keys(more).length === 0 ? val : { elem: { val, ...more } }
  if (shape.object !== undefined) return [key, element.object]
  return shape.data === undefined ? key : [key, sayData(shape, element, interfaces)]
}

/** Elements that are said in one step. */
const stepLength = 500

/** Says the elements, step by step; `keys` are the types to say their keys with. */
export function* sayElements(
  shape: SetShape,
  elements: readonly ElementRecord[],
  interfaces: Interfaces,
  keys: readonly DataType[] = shape.keys,
): Generator<undefined, readonly unknown[]> {
  const [type] = keys
  const steps =
    shape.interval && keys.length === 1 && type !== undefined
      ? sayIntervals(shape, elements, type, interfaces)
      : saySingles(shape, elements, keys, interfaces)
  const said: unknown[] = []
  for (const one of steps) {
    if (one !== undefined) said.push(one)
    if (one === undefined || said.length % stepLength === 0) yield
  }
  for (const element of elements) if (isCatchall(element)) said.push(sayElement(shape, '*', element, interfaces))
  return said
}

/** One after the other, with nothing now and then, while they are being sorted. */
function* saySingles(
  shape: SetShape,
  elements: readonly ElementRecord[],
  keys: readonly DataType[],
  interfaces: Interfaces,
): Generator<unknown, void> {
  // Elements of such a set stay as they are told.
  const ordered = yield* inOrder(elements, ({ key = nothing }) => (hasRangedFields(shape) ? 0 : orderOf(keys, key)))
  for (const { item: element } of ordered)
    if (!isCatchall(element)) yield sayElement(shape, sayKey(keys, element, interfaces), element, interfaces)
}

/** Each interval goes from a key to the one before the next key, whether that ends it or begins another. */
function* sayIntervals(
  shape: SetShape,
  elements: readonly ElementRecord[],
  type: DataType,
  interfaces: Interfaces,
): Generator<unknown, void> {
  // Of two with the same key the end of one interval is before the beginning of the next.
  const plain = elements.filter((element) => !isCatchall(element))
  const ordered = yield* inOrder(plain, (element) => latin1(element.key ?? nothing) + (isEnd(element) ? '0' : '1'))
  for (let at = 0; at < ordered.length; at++) {
    const element = ordered[at]?.item
    if (element === undefined || isEnd(element)) continue
    const { key: from = nothing } = element
    const next = ordered[at + 1]?.item.key
    const to = (next && predecessor(next)) ?? new Uint8Array(from.length).fill(0xff)
    yield sayElement(shape, formatSpan(orderedSpan({ from, to }, type), type, interfaces), element, interfaces)
  }
}

/** The interval that the kernel told by its two ends, or the element that is no interval; undefined if there is none. */
export function sayOneElement(shape: SetShape, elements: readonly ElementRecord[], interfaces: Interfaces): unknown {
  const start = elements.find((element) => !isEnd(element))
  if (start === undefined) return undefined
  if (isCatchall(start)) return sayElement(shape, '*', start, interfaces)
  const [type] = shape.keys
  if (!shape.interval || shape.keys.length > 1 || type === undefined)
    return sayElement(shape, sayKey(shape.keys, start, interfaces), start, interfaces)
  const { key: from = nothing } = start
  const end = elements.find((element) => isEnd(element) && !equalBytes(element.key ?? nothing, from))?.key
  const to = end === undefined ? new Uint8Array(from.length).fill(0xff) : (predecessor(end) ?? end)
  return sayElement(shape, formatSpan(orderedSpan({ from, to }, type), type, interfaces), start, interfaces)
}
