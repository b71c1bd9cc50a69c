/** Elements of sets and maps: from records back to JSON, ordered and written as `nft -j` does. */
import { equalBytes, padded, predecessor, reversed } from './bytes.js'
import { sizeOf, type DataType, type Interfaces } from './datatypes.js'
import type { Json } from './json.js'
import type { ElementRecord } from './records.js'
import { sayVerdict } from './read-statements.js'
import { hasRangedFields, type SetShape } from './set-shape.js'
import { formatSpan, ordered, orderedSpan, type Span } from './span.js'

/** An element, or where an interval ends. */
interface Row {
  readonly key: Uint8Array
  /** The key itself where there is no range. */
  readonly keyEnd: Uint8Array
  readonly isEnd: boolean
  readonly element: ElementRecord
}

const nothing = new Uint8Array()

function rowsOf(elements: readonly ElementRecord[]): readonly Row[] {
  return elements.map((element) => {
    const { key = nothing, keyEnd = key } = element
    return { key, keyEnd, isEnd: element.flags?.includes('end') === true, element }
  })
}

function isCatchall({ element }: Row): boolean {
  return element.flags?.includes('catchall') === true
}

/** The fields of a concatenated value, without the padding. */
function fieldsOf(types: readonly DataType[], bytes: Uint8Array): readonly Uint8Array[] {
  let at = 0
  return types.map((type) => {
    const field = bytes.subarray(at, at + sizeOf(type))
    at += types.length > 1 ? padded(sizeOf(type)) : sizeOf(type)
    return field
  })
}

/** Bytes that order as nft orders: integers by value, all else as if the last byte were the most significant. */
function orderOf(types: readonly DataType[], key: Uint8Array): Uint8Array {
  const [type] = types
  if (types.length === 1 && type !== undefined) return type.byteorder === 'network' ? key : reversed(key)
  return reversed(Buffer.concat(fieldsOf(types, key)))
}

function formatFields(types: readonly DataType[], from: Uint8Array, to: Uint8Array, interfaces: Interfaces): unknown {
  const ends = fieldsOf(types, to)
  const fields = fieldsOf(types, from).map((field, index) => {
    const type = types[index]
    return type === undefined ? [...field] : formatSpan({ from: field, to: ends[index] ?? field }, type, interfaces)
  })
  return types.length === 1 ? fields[0] : { concat: fields }
}

function sayData(shape: SetShape, element: ElementRecord, interfaces: Interfaces): unknown {
  if (shape.data === 'verdict') return sayVerdict(element.verdict, element.chain)
  const { data = nothing } = element
  return formatFields(shape.data ?? [], data, data, interfaces)
}

const millisecond = 1000

function seconds(milliseconds: number | bigint): number {
  return Math.floor(Number(milliseconds) / millisecond)
}

function sayElement(shape: SetShape, val: unknown, element: ElementRecord, interfaces: Interfaces): unknown {
  const { timeout, expires, comment, expressions } = element
  const counter = expressions?.find(({ name }) => name === 'counter')
  const other = expressions?.find(({ name }) => name !== 'counter')
  const more: Json = {
    ...(timeout !== undefined && { timeout: seconds(timeout) }),
    ...(expires !== undefined && { expires: seconds(expires) }),
    ...(comment !== undefined && { comment }),
    ...(counter !== undefined && { counter: { packets: counter.packets, bytes: counter.bytes } }),
    ...(other !== undefined && { unknown: other.name }),
  }
  const key = Object.keys(more).length === 0 ? val : { elem: { val, ...more } }
  if (shape.object !== undefined) return [key, element.object]
  return shape.data === undefined ? key : [key, sayData(shape, element, interfaces)]
}

/** Says the elements; `keys` are the types to say their keys with. */
export function sayElements(
  shape: SetShape,
  elements: readonly ElementRecord[],
  interfaces: Interfaces,
  keys: readonly DataType[] = shape.keys,
): readonly unknown[] {
  const rows = rowsOf(elements)
  const [type] = keys
  const plain = rows.filter((row) => !isCatchall(row))
  const said =
    shape.interval && keys.length === 1 && type !== undefined
      ? sayIntervals(shape, plain, type, interfaces)
      : sorted(shape, plain, keys).map((row) =>
          sayElement(shape, formatFields(keys, row.key, row.keyEnd, interfaces), row.element, interfaces),
        )
  return [...said, ...rows.filter(isCatchall).map((row) => sayElement(shape, '*', row.element, interfaces))]
}

function sorted(shape: SetShape, rows: readonly Row[], keys: readonly DataType[]): readonly Row[] {
  if (hasRangedFields(shape)) return rows
  return rows
    .map((row) => ({ row, order: orderOf(keys, row.key) }))
    .sort((a, b) => Buffer.compare(a.order, b.order))
    .map(({ row }) => row)
}

/** Each interval goes from a key to the one before the next key, whether that ends it or begins another. */
function sayIntervals(shape: SetShape, rows: readonly Row[], type: DataType, interfaces: Interfaces): readonly unknown[] {
  const inOrder = [...rows].sort((a, b) => Buffer.compare(a.key, b.key) || Number(b.isEnd) - Number(a.isEnd))
  return inOrder.flatMap((row, index) => {
    if (row.isEnd) return []
    const next = inOrder[index + 1]
    const last = next === undefined ? undefined : predecessor(next.key)
    const span: Span = { from: row.key, to: last ?? new Uint8Array(row.key.length).fill(0xff) }
    return [sayElement(shape, formatSpan(orderedSpan(span, type), type, interfaces), row.element, interfaces)]
  })
}

/** The interval that the kernel told by its two ends, or the element that is no interval; undefined if there is none. */
export function sayOneElement(shape: SetShape, elements: readonly ElementRecord[], interfaces: Interfaces): unknown {
  const rows = rowsOf(elements)
  const start = rows.find((row) => !row.isEnd)
  const [type] = shape.keys
  if (start === undefined || isCatchall(start)) return start === undefined ? undefined : sayElement(shape, '*', start.element, interfaces)
  if (!shape.interval || shape.keys.length > 1 || type === undefined) {
    return sayElement(shape, formatFields(shape.keys, start.key, start.keyEnd, interfaces), start.element, interfaces)
  }
  const end = rows.find((row) => row.isEnd && !equalBytes(row.key, start.key))
  const to = end === undefined ? new Uint8Array(start.key.length).fill(0xff) : (predecessor(end.key) ?? end.key)
  return sayElement(
    shape,
    formatSpan({ from: ordered(start.key, type), to: ordered(to, type) }, type, interfaces),
    start.element,
    interfaces,
  )
}
