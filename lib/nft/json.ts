/** Reading of JSON that a caller wrote: each function knows the value's place and complains with it. */
import { invalidArgType, invalidArgValue, outOfRange } from '../validate.js'

/** A JSON object whose members have not been looked at. */
export type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

export function asObject(value: unknown, at: string): Json {
  if (!isObject(value)) throw invalidArgType(at, 'an object', value)
  return value
}

/** An object with no other keys than these. */
export function objectOf(value: unknown, keys: readonly string[], at: string): Json {
  const object = asObject(value, at)
  for (const key of Object.keys(object)) {
    if (!keys.includes(key))
      throw invalidArgValue(`${at}.${key}`, `left out: the keys here are ${keys.map((known) => `'${known}'`).join(', ')}`, object[key])
  }
  return object
}

/** The one member of an object that says by its key what it is. */
export function onlyMember(value: unknown, at: string, expected: string): readonly [key: string, value: unknown] {
  const object = asObject(value, at)
  const [key, ...others] = Object.keys(object)
  if (key === undefined || others.length > 0) throw invalidArgValue(at, expected, value)
  return [key, object[key]]
}

export function asArray(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidArgType(at, 'an array', value)
  return value
}

/** An array, or the one thing that would be in it. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

export function asText(value: unknown, maxBytes: number, at: string): string {
  if (typeof value !== 'string') throw invalidArgType(at, 'a string', value)
  if (value.includes('\0')) throw invalidArgValue(at, 'text without NUL', value)
  if (Buffer.byteLength(value) > maxBytes) throw outOfRange(at, `at most ${maxBytes} bytes long`, value)
  return value
}

const maxName = 255

/** The name of a table, chain or set. */
export function asName(value: unknown, at: string): string {
  const name = asText(value, maxName, at)
  if (name === '') throw invalidArgValue(at, 'a name', value)
  return name
}

const maxComment = 127

export function asComment(value: unknown, at: string): string {
  return asText(value, maxComment, at)
}

export function asInteger(value: unknown, min: number, max: number, at: string): number {
  if (typeof value !== 'number') throw invalidArgType(at, 'a number', value)
  if (!Number.isInteger(value) || value < min || value > max) throw outOfRange(at, `a whole number from ${min} to ${max}`, value)
  return value
}

/** A count of 64 bits: a number, or a bigint. */
export function asCount(value: unknown, at: string): number | bigint {
  if (typeof value === 'bigint') {
    if (value < 0n || value >= 1n << 64n) throw outOfRange(at, 'a whole number of at most 64 bits', value)
    return value
  }
  return asInteger(value, 0, Number.MAX_SAFE_INTEGER, at)
}

export function asWord<Word extends string>(value: unknown, words: readonly Word[], at: string): Word {
  const found = words.find((word) => word === value)
  if (found !== undefined) return found
  const expected = `one of ${words.map((word) => `'${word}'`).join(', ')}`
  throw typeof value === 'string' ? invalidArgValue(at, expected, value) : invalidArgType(at, expected, value)
}

/** Seconds, as the kernel's milliseconds. */
export function asMilliseconds(value: unknown, at: string): number {
  return 1000 * asInteger(value, 0, Math.floor(Number.MAX_SAFE_INTEGER / 1_000_000), at)
}
