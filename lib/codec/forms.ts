/** How each form of value is written and read: one entry serves both directions. */
import { ipText, macText, putIp, putMac } from './address-text.js'
import { native } from '../native.js'
import type { FormName } from './native-types.js'
import type { Row } from './table.js'
import { littleEndian, type Writer } from './writer.js'

/** Writing and reading of a value. A nest is written and read by those who walk the tables. */
export interface Form {
  /** Bytes that there must be for it to be read. */
  readonly size: number
  put(writer: Writer, value: unknown, row: Row): void
  take(view: DataView, at: number, length: number, row: Row): unknown
  /** False for a value that has another place. */
  fits?(value: unknown): boolean
}

function numberOf(value: unknown, row: Row): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  const number = row.words[value as string]
  if (number === undefined) throw new Error(`no kernel number for '${String(value)}'`)
  return number
}

function wordOf(number: number, row: Row): string | number {
  return row.wordOf.size === 0 ? number : (row.wordOf.get(number) ?? number)
}

function flagsOf(words: unknown, row: Row): number {
  let flags = 0
  for (const word of words as readonly string[]) flags |= numberOf(word, row)
  return flags >>> 0
}

/** There are few different lists among many records. */
function wordsOf(flags: number, row: Row): readonly string[] {
  const known = flags & row.known
  let words = row.lists.get(known)
  if (words === undefined) {
    words = Object.freeze([...row.wordOf].filter(([number]) => (known & number) !== 0).map(([, word]) => word))
    row.lists.set(known, words)
  }
  return words
}

const isV6 = (value: unknown): boolean => (value as string).includes(':')

const ip: Form = {
  size: 0,
  put: (writer, value) => putIp(writer, value as string),
  take: (view, at, length, row) => ipText(view, at, length, row.recent),
}

const bytes: Form = {
  size: 0,
  put: (writer, value) => writer.bytes(value as Uint8Array),
  take: (view, at, length) => Buffer.from(view.buffer, view.byteOffset + at, length),
}

const { attributeHeader, dataValue } = native.framing

const value: Form = {
  size: attributeHeader,
  put: (writer, bytesOfValue) => {
    const start = writer.open(dataValue)
    writer.bytes(bytesOfValue as Uint8Array)
    writer.close(start)
  },
  take: (view, at, room, row) => {
    const length = view.getUint16(at, littleEndian)
    const isWhole = length >= attributeHeader && length <= room && view.getUint16(at + 2, littleEndian) === dataValue
    return isWhole ? bytes.take(view, at + attributeHeader, length - attributeHeader, row) : undefined
  },
}

/** The upper half of the largest number that is exact. */
const maxSafeHigh = 2 ** 21 - 1

const nest: Form = { size: 0, put: () => undefined, take: () => undefined }

/** Whether this text, of ASCII, is there, up to its NUL or to the end. */
function isAt(view: DataView, at: number, length: number, text: string): boolean {
  if (length < text.length || (length > text.length && view.getUint8(at + text.length) !== 0)) return false
  for (let index = 0; index < text.length; index++) {
    const byte = view.getUint8(at + index)
    if (byte > 0x7f || byte !== text.charCodeAt(index)) return false
  }
  return true
}

/** Text up to its NUL, or to the end; most often the kind of a link, or its queue's, which is the one before's too. */
function textAt(view: DataView, at: number, length: number, row: Row): string {
  const { recent } = row
  if (!isAt(view, at, length, recent.text)) recent.text = newTextAt(view, at, length)
  return recent.text
}

/** Up to here it takes less time to put a text together byte by byte than to make a Buffer. */
const shortText = 20

function newTextAt(view: DataView, at: number, length: number): string {
  if (length > shortText) return utf8(view, at, length)
  let text = ''
  for (let end = at; end < at + length; end++) {
    const byte = view.getUint8(end)
    if (byte === 0) return text
    if (byte > 0x7f) return utf8(view, at, length)
    text += String.fromCharCode(byte)
  }
  return text
}

function utf8(view: DataView, at: number, length: number): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset + at, length)
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end === -1 ? length : end)
}

/** By the names that native/table.h gives them. */
export const forms: Readonly<Record<FormName, Form>> = {
  u8: {
    size: 1,
    put: (writer, value, row) => writer.u8(numberOf(value, row)),
    take: (view, at, _length, row) => wordOf(view.getUint8(at), row),
  },
  u16: {
    size: 2,
    put: (writer, value, row) => writer.u16(numberOf(value, row)),
    take: (view, at, _length, row) => wordOf(view.getUint16(at, littleEndian), row),
  },
  u32: {
    size: 4,
    put: (writer, value, row) => writer.u32(numberOf(value, row)),
    take: (view, at, _length, row) => wordOf(view.getUint32(at, littleEndian), row),
  },
  s32: {
    size: 4,
    put: (writer, value, row) => writer.u32(numberOf(value, row)),
    take: (view, at) => view.getInt32(at, littleEndian),
  },
  u64: {
    size: 8,
    put: (writer, value) => writer.u64(value as bigint),
    take: (view, at) => view.getBigUint64(at, littleEndian),
  },
  be16: {
    size: 2,
    put: (writer, value, row) => writer.be16(numberOf(value, row)),
    take: (view, at, _length, row) => wordOf(view.getUint16(at), row),
  },
  be32: {
    size: 4,
    put: (writer, value, row) => writer.be32(numberOf(value, row)),
    take: (view, at, _length, row) => wordOf(view.getUint32(at), row),
  },
  be32s: {
    size: 4,
    put: (writer, value, row) => writer.be32(numberOf(value, row)),
    take: (view, at) => view.getInt32(at),
  },
  be64: {
    size: 8,
    put: (writer, value) => {
      const isNumber = typeof value === 'number'
      writer.be32(isNumber ? Math.floor(value / 2 ** 32) : Number((value as bigint) >> 32n))
      writer.be32(isNumber ? value % 2 ** 32 : Number(BigInt.asUintN(32, value as bigint)))
    },
    take: (view, at) => {
      const high = view.getUint32(at)
      return high > maxSafeHigh ? view.getBigUint64(at) : high * 2 ** 32 + view.getUint32(at + 4)
    },
  },
  flag8: {
    size: 1,
    put: (writer, value, row) => writer.u8(numberOf(value, row)),
    take: (view, at) => view.getUint8(at) !== 0,
  },
  flags8: {
    size: 1,
    put: (writer, value, row) => writer.u8(flagsOf(value, row)),
    take: (view, at, _length, row) => wordsOf(view.getUint8(at), row),
  },
  flags32: {
    size: 4,
    put: (writer, value, row) => writer.u32(flagsOf(value, row)),
    take: (view, at, _length, row) => wordsOf(view.getUint32(at, littleEndian), row),
  },
  flagsBe32: {
    size: 4,
    put: (writer, value, row) => writer.be32(flagsOf(value, row)),
    take: (view, at, _length, row) => wordsOf(view.getUint32(at), row),
  },
  // Its words are numbers, but for one.
  slot: {
    size: 4,
    put: (writer, value, row) => writer.be32(numberOf(String(value), row)),
    take: (view, at, _length, row) => {
      const word = wordOf(view.getUint32(at), row)
      return word === 'verdict' ? word : Number(word)
    },
  },
  oneLess8: {
    size: 1,
    put: (writer, value) => writer.u8((value as number) - 1),
    take: (view, at) => view.getUint8(at) + 1,
  },
  // Several share one number: who writes the header puts them in.
  bit: {
    size: 4,
    put: () => undefined,
    take: (view, at, _length, row) => (view.getUint32(at, littleEndian) & row.mask) !== 0,
  },
  mac: {
    size: 0,
    put: (writer, value) => putMac(writer, value as string),
    take: (view, at, length, row) => macText(view, at, length, row.recent),
  },
  ip,
  ip4: { ...ip, fits: (value) => !isV6(value) },
  ip6: { ...ip, fits: isV6 },
  string: { size: 0, put: (writer, value) => writer.text(value as string), take: textAt },
  bytes,
  value,
  nested: nest,
  structure: nest,
  userdata: nest,
  strings: nest,
  records: nest,
  list: { ...nest, fits: (value) => (value as readonly unknown[]).length > 0 },
  only: { ...nest, fits: (value) => (value as readonly unknown[]).length === 1 },
  written: bytes,
}
