/** Values as nftables compares them: bytes in the order of a register, most significant first unless the type is the machine's own. */
import { endianness } from 'node:os'

/** How the bytes of an integer lie: as in a packet, or as in this machine's memory. */
export type Byteorder = 'network' | 'host'

export const isBig: Readonly<Record<Byteorder, boolean>> = { network: true, host: endianness() === 'BE' }

/** The bytes of a number that fits into `size` of them. */
export function bytesOfNumber(value: bigint, size: number, byteorder: Byteorder): Uint8Array {
  const bytes = new Uint8Array(size)
  let rest = value
  for (let at = 0; at < size; at++, rest >>= 8n) bytes[isBig[byteorder] ? size - 1 - at : at] = Number(rest & 0xffn)
  return bytes
}

/** The number that the bytes are. */
export function numberOfBytes(bytes: Uint8Array, byteorder: Byteorder): bigint {
  let value = 0n
  for (const byte of isBig[byteorder] ? bytes : [...bytes].reverse()) value = (value << 8n) | BigInt(byte)
  return value
}

/** The same of at most six bytes, as most are. */
export function smallNumberOfBytes(bytes: Uint8Array, byteorder: Byteorder): number {
  let value = 0
  for (let at = 0; at < bytes.length; at++) value = 256 * value + (bytes[isBig[byteorder] ? at : bytes.length - 1 - at] ?? 0)
  return value
}

/** A number as JSON has it: hexadecimal digits where a number would lose some. */
export function jsonNumber(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : `0x${value.toString(16)}`
}

/** A character for each byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

const mostInNumber = 6

/** Of values of one length, what is the same for the same bytes and is in the order of the bytes. */
export function orderOfBytes(bytes: Uint8Array): number | string {
  return bytes.length <= mostInNumber ? smallNumberOfBytes(bytes, 'network') : latin1(bytes)
}

/** Behind all text that is made of bytes. */
export const behindAll = '\u{ffff}'

/** What is behind the orders of all values of this length. */
export function orderBehind(length: number): number | string {
  return length <= mostInNumber ? Infinity : behindAll
}

export function reversed(bytes: Uint8Array): Uint8Array {
  const turned = new Uint8Array(bytes.length)
  for (let at = 0; at < bytes.length; at++) turned[at] = bytes[bytes.length - 1 - at] ?? 0
  return turned
}

export function isAll(bytes: Uint8Array, byte: number): boolean {
  return bytes.every((each) => each === byte)
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || Buffer.compare(a, b) === 0
}

/** The value after this one; undefined after the last. */
export function successor(value: Uint8Array): Uint8Array | undefined {
  return step(value, 0xff, 1)
}

/** The value before this one; undefined before the first. */
export function predecessor(value: Uint8Array): Uint8Array | undefined {
  return step(value, 0, -1)
}

function step(value: Uint8Array, limit: number, by: number): Uint8Array | undefined {
  const result = Uint8Array.from(value)
  for (let at = result.length - 1; at >= 0; at--) {
    const byte = result[at] ?? 0
    result[at] = byte + by
    if (byte !== limit) return result
  }
  return undefined
}

/** A mask of `bits` ones, followed by zeros. */
export function prefixMask(bits: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (0xff00 >> Math.min(8, Math.max(0, bits - 8 * at))) & 0xff)
}

/** How many ones the mask begins with, if nothing but zeros follows. */
export function maskLength(mask: Uint8Array): number | undefined {
  let bits = 0
  while (bits < 8 * mask.length && (((mask[bits >> 3] ?? 0) << (bits & 7)) & 0x80) !== 0) bits++
  return equalBytes(mask, prefixMask(bits, mask.length)) ? bits : undefined
}

/** The length of the prefix that is exactly the values from `from` to `to`. */
export function prefixOfRange(from: Uint8Array, to: Uint8Array): number | undefined {
  // Where the two agree the mask has ones; a prefix starts with zeros and ends with ones where they do not.
  const mask = from.map((byte, at) => ~(byte ^ (to[at] ?? 0)))
  const bits = maskLength(mask)
  if (bits === undefined) return undefined
  return from.every((byte, at) => (byte & ~(mask[at] ?? 0) & 0xff) === 0) ? bits : undefined
}

/** The two bytes-by-bytes combined; both are equally long. */
export function combine(a: Uint8Array, b: Uint8Array, how: (x: number, y: number) => number): Uint8Array {
  return a.map((byte, at) => how(byte, b[at] ?? 0))
}

/** Room that a value takes in registers, and in keys of several fields: whole words of 32 bits. */
export function padded(size: number): number {
  return 4 * Math.ceil(size / 4)
}

/** The values one behind the other, each padded to whole words. */
export function concatPadded(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + padded(part.length), 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += padded(part.length)
  }
  return whole
}
