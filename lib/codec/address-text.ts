/** Addresses as text and as bytes; IPv4 and MAC by hand, for there are many, IPv6 by the C library, which knows how to shorten it. */
import { native } from '../native.js'
import type { Writer } from './writer.js'

const decimals = Array.from({ length: 256 }, (_, byte) => String(byte))
const hexadecimals = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const dot = 46
const colon = 58
const zero = 48

/** Writes an address that has been validated. */
export function putIp(writer: Writer, text: string): void {
  if (text.includes(':')) {
    writer.bytes(native.ipBytes(text))
    return
  }
  let byte = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === dot) {
      writer.u8(byte)
      byte = 0
    } else byte = 10 * byte + code - zero
  }
  writer.u8(byte)
}

/** An address and its text, for the next time: many routes have one gateway, and many addresses differ in the last byte alone. */
export interface Recent {
  number: number
  text: string
  /** All but the last byte. */
  prefix: string
}

/** The address in these bytes; empty if their number is that of no family. */
export function ipText(view: DataView, at: number, length: number, recent: Recent): string {
  if (length !== 4) return native.ipText(new Uint8Array(view.buffer, view.byteOffset + at, length))
  const number = view.getUint32(at)
  if (number === recent.number) return recent.text
  if (number >>> 8 !== recent.number >>> 8 || recent.text === '')
    recent.prefix = `${decimals[number >>> 24]}.${decimals[(number >>> 16) & 255]}.${decimals[(number >>> 8) & 255]}.`
  recent.number = number
  recent.text = recent.prefix + (decimals[number & 255] ?? '')
  return recent.text
}

/** Writes a link-layer address that has been validated. */
export function putMac(writer: Writer, text: string): void {
  for (let at = 0; at < text.length; at += 3) writer.u8(hexDigit(text.charCodeAt(at)) * 16 + hexDigit(text.charCodeAt(at + 1)))
}

/** The value of a digit's character: '9' lies right below ':', letters of both cases have the same low bits. */
function hexDigit(code: number): number {
  return code < colon ? code - zero : (code & 7) + 9
}

const digits = Array.from({ length: 16 }, (_, value) => value.toString(16).charCodeAt(0))

/** Two digits of each of six bytes in one string: one that is put together piece by piece keeps its pieces. */
function ethernetText(high: number, low: number): string {
  const digit = (number: number, shift: number): number => digits[(number >>> shift) & 15] ?? 0
  // prettier-ignore
  return String.fromCharCode(
    digit(high, 28), digit(high, 24), colon, digit(high, 20), digit(high, 16), colon,
    digit(high, 12), digit(high, 8), colon, digit(high, 4), digit(high, 0), colon,
    digit(low, 12), digit(low, 8), colon, digit(low, 4), digit(low, 0),
  )
}

/** A link-layer address of any length. */
export function macText(view: DataView, at: number, length: number, recent: Recent): string {
  if (length === 6) {
    const [high, low] = [view.getUint32(at), view.getUint16(at + 4)]
    const number = high * 0x1_0000 + low
    if (number !== recent.number) recent.text = ethernetText(high, low)
    recent.number = number
    return recent.text
  }
  let text = ''
  for (let byte = 0; byte < length; byte++) text += (byte === 0 ? '' : ':') + (hexadecimals[view.getUint8(at + byte)] ?? '')
  return text
}
