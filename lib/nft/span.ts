/** Values and ranges of one field: from JSON to bytes and back. */
import { invalidArgType, invalidArgValue } from '../validate.js'
import { combine, equalBytes, prefixMask, prefixOfRange, reversed } from './bytes.js'
import { sizeOf, type DataType, type Interfaces } from './datatypes.js'
import { asArray, asInteger, isObject, objectOf } from './json.js'

/** The values of a field from one to another, both included. */
export interface Span {
  readonly from: Uint8Array
  readonly to: Uint8Array
  /** It was written as a prefix of so many bits. */
  readonly prefix?: number
}

export function isSingle(span: Span): boolean {
  return equalBytes(span.from, span.to)
}

/** The bytes of a value such that comparing them byte by byte compares the values; the same turns them back. */
export function ordered(bytes: Uint8Array, type: DataType): Uint8Array {
  return type.byteorder === 'host' && type.isText !== true ? reversed(bytes) : bytes
}

/** A range in the order of {@link ordered}. */
export function orderedSpan(span: Span, type: DataType): Span {
  return { ...span, from: ordered(span.from, type), to: ordered(span.to, type) }
}

/** Reads a value, a range, a prefix, or text that ends in `*`. */
export function parseSpan(value: unknown, type: DataType, at: string, interfaces: Interfaces): Span {
  if (isObject(value)) {
    if ('range' in value) return parseRange(value.range, type, `${at}.range`, interfaces)
    if ('prefix' in value) return parsePrefix(value.prefix, type, `${at}.prefix`, interfaces)
    throw invalidArgValue(at, `a value of ${type.name}, { range } or { prefix }`, value)
  }
  if (type.isText === true && typeof value === 'string' && value.endsWith('*')) return parseWildcard(value, type, at, interfaces)
  const from = type.parse(value, at, interfaces)
  return { from, to: from }
}

function parseRange(value: unknown, type: DataType, at: string, interfaces: Interfaces): Span {
  const [low, high, ...rest] = asArray(value, at)
  if (low === undefined || high === undefined || rest.length > 0) throw invalidArgValue(at, 'two values', value)
  const from = type.parse(low, `${at}[0]`, interfaces)
  const to = type.parse(high, `${at}[1]`, interfaces)
  if (Buffer.compare(ordered(from, type), ordered(to, type)) > 0)
    throw invalidArgValue(at, 'a range whose end is not before its start', value)
  return { from, to }
}

function parsePrefix(value: unknown, type: DataType, at: string, interfaces: Interfaces): Span {
  const { addr, len } = objectOf(value, ['addr', 'len'], at)
  const size = sizeOf(type)
  if (type.isText === true) throw invalidArgType(at, `a value of ${type.name}`, value)
  const prefix = asInteger(len, 0, type.bits, `${at}.len`)
  const address = ordered(type.parse(addr, `${at}.addr`, interfaces), type)
  const mask = prefixMask(prefix, size)
  const from = combine(address, mask, (byte, bits) => byte & bits)
  const to = combine(address, mask, (byte, bits) => byte | (~bits & 0xff))
  return { from: ordered(from, type), to: ordered(to, type), prefix }
}

function parseWildcard(value: string, type: DataType, at: string, interfaces: Interfaces): Span {
  const text = value.slice(0, -1)
  if (text === '') throw invalidArgValue(at, "a name before '*'", value)
  const from = type.parse(text, at, interfaces)
  const length = Buffer.byteLength(text)
  return { from, to: Uint8Array.from(from, (byte, position) => (position < length ? byte : 0xff)), prefix: 8 * length }
}

/** Says a range as `nft -j` does: a value, a prefix where the type has such, or a range. */
export function formatSpan(span: Span, type: DataType, interfaces: Interfaces): unknown {
  if (isSingle(span)) return type.format(span.from, interfaces)
  if (type.isText === true) return formatWildcard(span, type, interfaces)
  const prefix = type.hasPrefixes === true ? prefixOfRange(ordered(span.from, type), ordered(span.to, type)) : undefined
  if (prefix !== undefined) return { prefix: { addr: type.format(span.from, interfaces), len: prefix } }
  return { range: [type.format(span.from, interfaces), type.format(span.to, interfaces)] }
}

function formatWildcard(span: Span, type: DataType, interfaces: Interfaces): unknown {
  const text = type.format(span.from, interfaces) as string
  return span.to.every((byte, at) => at < Buffer.byteLength(text) || byte === 0xff)
    ? `${text}*`
    : { range: [text, type.format(span.to, interfaces)] }
}
