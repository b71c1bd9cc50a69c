/** Elements of sets and maps: from JSON to the records that a message takes. */
import { invalidArgType, invalidArgValue } from '../validate.js'
import { concatPadded, successor } from './bytes.js'
import type { DataType, Interfaces } from './datatypes.js'
import { asArray, asComment, asCount, asMilliseconds, asText, isObject, listOf, objectOf, onlyMember, type Json } from './json.js'
import type { ElementRecord, PlainElements } from './records.js'
import { plainElements } from './plain-elements.js'
import { hasRangedFields, type SetShape } from './set-shape.js'
import { isSingle, orderedSpan, parseSpan, type Span } from './span.js'

/** An element, read. */
interface Element {
  /** One for each field of the key; none for the element `'*'`. */
  readonly key: readonly Span[]
  readonly data: Uint8Array | undefined
  readonly details: ElementRecord | undefined
  /** Where it was written. */
  readonly at: string
}

/** A record in the making. */
type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** How elements are to be told to the kernel. */
export interface ElementOptions {
  /** Values of a map may be left out, as for a deletion. */
  readonly keysOnly?: boolean
  /** Intervals that touch become one. */
  readonly merge?: boolean
  /** Nothing is in the set yet: it begins with the end of the interval that does not exist before the first one. */
  readonly fresh?: boolean
  /** One key to be looked for, by itself and by the end of the interval around it. */
  readonly point?: boolean
}

/** Elements that are compiled in one go: a millisecond's work, at most. */
const pieceLength = 1000

/** A long list of elements in pieces; one of which intervals are made has to be seen whole. */
export function* piecesOf(shape: SetShape, value: unknown): Generator<{ readonly value: unknown; readonly first: number }, void> {
  if (shape.interval || !Array.isArray(value) || value.length < 2 * pieceLength) {
    yield { value, first: 0 }
    return
  }
  for (let first = 0; first < value.length;) {
    // A rest of two might be taken for a key and its value.
    const end = value.length - first < 2 * pieceLength ? value.length : first + pieceLength
    yield { value: value.slice(first, end), first }
    first = end
  }
}

/** From here on it pays to look whether elements are plain. A list of two may be one element of a map. */
const many = 8

/**
 * Reads elements, as `elem` of a set or `{ set: [ … ] }` has them.
 *
 * @param first - place of the first one in the list that the caller gave
 */
export function compileElements(
  shape: SetShape,
  value: unknown,
  at: string,
  interfaces: Interfaces,
  options: ElementOptions = {},
  first = 0,
): readonly ElementRecord[] | PlainElements {
  if (Array.isArray(value) && value.length >= many) {
    const plain = plainElements(shape, value, interfaces)
    if (plain !== undefined) return plain
  }
  const places = elementPlaces(shape, value, at, first)
  const elements = places.map(({ element, place }) => parseElement(shape, element, place, interfaces, options))
  return shape.interval && shape.keys.length === 1 ? intervalRecords(shape, elements, options) : recordsOf(shape, elements)
}

/** One element alone, or a list of them: a pair of key and value is one element of a map. */
function elementPlaces(shape: SetShape, value: unknown, at: string, first: number): { element: unknown; place: string }[] {
  const list = isObject(value) && 'set' in value ? listOf(value.set) : listOf(value)
  const isPair = shape.data !== undefined && list.length === 2 && !Array.isArray(list[0])
  return isPair && Array.isArray(value) && !list.some((each) => Array.isArray(each))
    ? [{ element: value, place: at }]
    : list.map((element, index) => ({ element, place: `${at}[${first + index}]` }))
}

function parseElement(shape: SetShape, value: unknown, at: string, interfaces: Interfaces, options: ElementOptions): Element {
  const keyAlone = shape.data === undefined || (!Array.isArray(value) && options.keysOnly === true)
  if (keyAlone) {
    const { key, details } = parseKey(shape, value, at, interfaces)
    return { key, data: undefined, details, at }
  }
  const [first, data] = asArray(value, at)
  if (data === undefined) throw invalidArgValue(at, 'a key and a value', value)
  const { key, details } = parseKey(shape, first, `${at}[0]`, interfaces)
  if (shape.data === 'verdict') return { key, data: undefined, details: Object.assign({}, details, parseVerdict(data, `${at}[1]`)), at }
  return { key, data: parseData(shape.data, data, `${at}[1]`, interfaces), details, at }
}

type Key = Pick<Element, 'key' | 'details'>

function parseKey(shape: SetShape, value: unknown, at: string, interfaces: Interfaces): Key {
  if (!isObject(value) || !('elem' in value)) return parseKeyValue(shape, value, at, interfaces)
  const place = `${at}.elem`
  const element = objectOf(value.elem, elementKeys, place)
  const { key, details } = parseKeyValue(shape, element.val, `${place}.val`, interfaces)
  return { key, details: parseDetails(element, details, place) }
}

function parseKeyValue(shape: SetShape, value: unknown, at: string, interfaces: Interfaces): Key {
  if (value === '*') return { key: [], details: { flags: ['catchall'] } }
  const [type] = shape.keys
  if (shape.keys.length === 1 && type !== undefined) return { key: [parseField(shape, type, value, at, interfaces)], details: undefined }
  if (!isObject(value) || !('concat' in value))
    throw invalidArgType(at, `{ concat: [ ${shape.keys.map((each) => each.name).join(', ')} ] }`, value)
  const fields = asArray(value.concat, `${at}.concat`)
  if (fields.length !== shape.keys.length) throw invalidArgValue(`${at}.concat`, `${shape.keys.length} fields`, fields)
  const key = shape.keys.map((each, index) => parseField(shape, each, fields[index], `${at}.concat[${index}]`, interfaces))
  return { key, details: undefined }
}

function parseField(shape: SetShape, type: DataType, value: unknown, at: string, interfaces: Interfaces): Span {
  const span = parseSpan(value, type, at, interfaces)
  if (!isSingle(span) && !shape.interval) throw invalidArgValue(at, `one value: the set has not the flag 'interval'`, value)
  if (!isSingle(span) && hasRangedFields(shape) && type.byteorder === 'host')
    throw invalidArgValue(at, `one value: in a concatenation ${type.name} has no ranges`, value)
  return span
}

/** A value of one type, or of several fields. */
export function parseData(types: readonly DataType[], value: unknown, at: string, interfaces: Interfaces): Uint8Array {
  const [type] = types
  if (types.length === 1 && type !== undefined) return type.parse(value, at, interfaces)
  if (!isObject(value)) throw invalidArgType(at, `{ concat: [ ${types.map((each) => each.name).join(', ')} ] }`, value)
  const fields = asArray(value.concat, `${at}.concat`)
  if (fields.length !== types.length) throw invalidArgValue(`${at}.concat`, `${types.length} fields`, fields)
  return concatPadded(types.map((each, index) => each.parse(fields[index], `${at}.concat[${index}]`, interfaces)))
}

/** The words of verdicts that need nothing more. */
export const plainVerdicts: readonly string[] = ['accept', 'drop', 'continue', 'return']

/** Reads `{ accept: null }`, `{ jump: { target } }` and their like. */
export function parseVerdict(value: unknown, at: string): { readonly verdict: string; readonly chain?: string } {
  const [verdict, inner] = onlyMember(value, at, 'a verdict as { accept: null } or { jump: { target } }')
  if (plainVerdicts.includes(verdict) && inner === null) return { verdict }
  if (verdict !== 'jump' && verdict !== 'goto') throw invalidArgValue(at, 'a verdict as { accept: null } or { jump: { target } }', value)
  return { verdict, chain: asText(objectOf(inner, ['target'], `${at}.${verdict}`).target, 255, `${at}.${verdict}.target`) }
}

const elementKeys = ['val', 'timeout', 'expires', 'comment', 'counter'] as const

/** What is said of the element beside its key, `known` of which the key says. */
function parseDetails({ timeout, expires, comment, counter }: Json, known: ElementRecord | undefined, at: string): ElementRecord {
  const details: Mutable<ElementRecord> = Object.assign({}, known)
  if (timeout !== undefined) details.timeout = asMilliseconds(timeout, `${at}.timeout`)
  if (expires !== undefined) details.expires = asMilliseconds(expires, `${at}.expires`)
  if (comment !== undefined) details.comment = asComment(comment, `${at}.comment`)
  if (counter !== undefined) details.expressions = [{ name: 'counter', ...parseCounter(counter, `${at}.counter`) }]
  return details
}

/** Reads the counts of a counter; `null` begins at none. */
export function parseCounter(value: unknown, at: string): { readonly packets: number | bigint; readonly bytes: number | bigint } {
  if (value === null) return { packets: 0, bytes: 0 }
  const { packets = 0, bytes = 0 } = objectOf(value, ['packets', 'bytes'], at)
  return { packets: asCount(packets, `${at}.packets`), bytes: asCount(bytes, `${at}.bytes`) }
}

function recordsOf(shape: SetShape, elements: readonly Element[]): readonly ElementRecord[] {
  const ranged = hasRangedFields(shape)
  const join = (key: readonly Span[], end: 'from' | 'to'): Uint8Array =>
    key.length === 1 && key[0] !== undefined ? key[0][end] : concatPadded(key.map((span) => span[end]))
  return elements.map(({ key, data, details }) => {
    const record: Mutable<ElementRecord> = {}
    if (key.length > 0) {
      record.key = join(key, 'from')
      if (ranged) record.keyEnd = join(key, 'to')
    }
    if (data !== undefined) record.data = data
    return details === undefined ? record : Object.assign(record, details)
  })
}

const end = ['end'] as const

type Interval = Omit<Element, 'key'> & { readonly from: Uint8Array; readonly to: Uint8Array }

/** The one ends where the other begins, and neither has a value, a comment or a timeout that would be lost if they were one. */
function touches(one: Interval, next: Interval): boolean {
  const isKeyAlone = ({ data, details = {} }: Interval): boolean => data === undefined && Object.keys(details).length === 0
  return isKeyAlone(one) && isKeyAlone(next) && Buffer.compare(next.from, successor(one.to) ?? one.to) === 0
}

/** Intervals between keys: each begins with its first key and ends before the next one that is marked as an end. */
function intervalRecords(shape: SetShape, elements: readonly Element[], options: ElementOptions): readonly ElementRecord[] {
  const [type] = shape.keys
  if (type === undefined) throw new Error('a set without a key')
  const records: ElementRecord[] = []
  const intervals: Interval[] = elements.flatMap(({ key: [span], data, details, at }) => {
    if (span === undefined) return []
    const { from, to } = orderedSpan(span, type)
    return [{ from, to, data, details, at }]
  })
  intervals.sort((a, b) => Buffer.compare(a.from, b.from))
  let last: Interval | undefined
  for (const interval of intervals) {
    if (last !== undefined && Buffer.compare(interval.from, last.to) <= 0)
      throw invalidArgValue(interval.at, `apart from ${last.at}: the intervals overlap`, 'an overlap')
    const merges = last !== undefined && options.merge === true && touches(last, interval)
    if (merges) records.pop()
    else records.push({ key: interval.from, ...(interval.data !== undefined && { data: interval.data }), ...interval.details })
    const after = options.point === true ? interval.to : successor(interval.to)
    const start = records[records.length - 1]
    if (after !== undefined) records.push({ flags: end, key: after })
    else if (start !== undefined) records[records.length - 1] = { interval: 'open', ...start }
    last = interval
  }
  const [first] = records
  if (options.fresh === true && first?.key?.some((byte) => byte !== 0) === true)
    records.unshift({ flags: end, key: new Uint8Array(first.key.length) })
  for (const { key, data, details } of elements) if (key.length === 0) records.push({ ...(data !== undefined && { data }), ...details })
  return records
}
