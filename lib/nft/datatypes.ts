/** nftables' data types (`nft describe`): how a value is written in JSON, and its bytes. A new type is a row of the table. */
import { isIPv4, isIPv6 } from 'node:net'
import { native } from '../native.js'
import { invalidArgType, invalidArgValue, outOfRange } from '../validate.js'
import { bytesOfNumber, isBig, jsonNumber, numberOfBytes, smallNumberOfBytes, type Byteorder } from './bytes.js'

/** The interfaces of the namespace, for types whose values are indexes but are written as names. */
export type Interfaces = ReadonlyMap<number, string>

/** A type of values. */
export interface DataType {
  readonly name: string
  /** nft's own number for the type (enum datatypes in its datatype.h): the kernel keeps it with a set and gives it no meaning. */
  readonly id: number
  readonly bits: number
  readonly byteorder: Byteorder
  /** Values are sets of bits, written as a list of words. */
  readonly isBitmask?: boolean
  /** A range that is a prefix is written as one. */
  readonly hasPrefixes?: boolean
  /** Values are text; sets of them order by the text, and `"eth*"` is a range. */
  readonly isText?: boolean
  /** Makes the bytes of a value; `at` is the value's place, for complaints. */
  readonly parse: (value: unknown, at: string, interfaces: Interfaces) => Uint8Array
  /** Puts the bytes of a value into place, for there are many; false for one that it leaves to `parse`. */
  readonly place?: ((value: unknown, bytes: Uint8Array, at: number) => boolean) | undefined
  /** Says a value as `nft -j` does. */
  readonly format: (bytes: Uint8Array, interfaces: Interfaces) => unknown
}

/** Bytes that a value of the type takes. */
export function sizeOf(type: DataType): number {
  return Math.ceil(type.bits / 8)
}

/** The character '0', which the dot comes before. */
const zero = 48

const symbols = native.nftSymbols
const wordsByNumber = new Map(
  Object.entries(symbols).map(([type, words]) => [
    type,
    // Of several words for a number the first is shown.
    new Map(
      Object.entries(words)
        .reverse()
        .map(([word, number]) => [number, word]),
    ),
  ]),
)

/** Bytes of values that may have words. */
const longestWithWords = 4

function parseNumber(value: unknown, bits: number, at: string, expected: string): bigint {
  let number: bigint
  if (typeof value === 'bigint') number = value
  else if (typeof value === 'number' && Number.isInteger(value)) number = BigInt(value)
  else if (typeof value === 'string' && /^(0x[0-9a-f]+|\d+)$/i.test(value)) number = BigInt(value)
  else if (typeof value === 'string') throw invalidArgValue(at, expected, value)
  else throw invalidArgType(at, expected, value)
  if (number < 0n || number >= 1n << BigInt(bits)) throw outOfRange(at, `a whole number from 0 to ${(1n << BigInt(bits)) - 1n}`, value)
  return number
}

function placeNumber(words: Readonly<Record<string, number>> | undefined, bits: number, byteorder: Byteorder): DataType['place'] {
  const size = Math.ceil(bits / 8)
  const limit = 2 ** bits
  return (value, bytes, at) => {
    const number = typeof value === 'string' && words !== undefined && Object.hasOwn(words, value) ? words[value] : value
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number >= limit) return false
    for (let byte = 0, rest = number; byte < size; byte++, rest >>>= 8)
      bytes[at + (isBig[byteorder] ? size - 1 - byte : byte)] = rest & 0xff
    return true
  }
}

/** Looks at each digit once: a set may have a hundred thousand of them. */
function placeIPv4(value: unknown, bytes: Uint8Array, at: number): boolean {
  if (typeof value !== 'string') return false
  const last = at + 3
  let byte = 0
  let digits = 0
  for (let index = 0; index < value.length; index++) {
    const digit = value.charCodeAt(index) - zero
    if (digit >= 0 && digit <= 9) {
      // A leading zero, which some read as octal, is for nobody.
      if (digits > 0 && byte === 0) return false
      byte = 10 * byte + digit
      digits++
      if (byte > 255) return false
    } else {
      if (value[index] !== '.' || digits === 0 || at === last) return false
      bytes[at++] = byte
      byte = 0
      digits = 0
    }
  }
  bytes[at] = byte
  return at === last && digits > 0
}

function numeric(name: string, id: number, bits: number, byteorder: Byteorder, more: Partial<DataType> = {}): DataType {
  const words = symbols[name]
  const shown = wordsByNumber.get(name)
  const expected =
    words === undefined ? `a number (${name})` : `a number or a word of ${name} as '${Object.keys(words).slice(0, 3).join("', '")}'`
  return {
    name,
    id,
    bits,
    byteorder,
    parse(value, at) {
      const word = typeof value === 'string' && words !== undefined && Object.hasOwn(words, value) ? words[value] : undefined
      const number = word === undefined ? parseNumber(value, bits, at, expected) : BigInt(word)
      return bytesOfNumber(number, Math.ceil(bits / 8), byteorder)
    },
    place: bits <= 32 ? placeNumber(words, bits, byteorder) : undefined,
    format(bytes) {
      if (bytes.length > longestWithWords) return jsonNumber(numberOfBytes(bytes, byteorder))
      const number = smallNumberOfBytes(bytes, byteorder)
      return shown?.get(number) ?? number
    },
    ...more,
  }
}

/** For a type whose values are written otherwise. */
function withoutPlace(type: DataType): DataType {
  return { ...type, place: undefined }
}

function bitmask(name: string, id: number, bits: number, byteorder: Byteorder): DataType {
  const single = numeric(name, id, bits, byteorder)
  const words = Object.entries(symbols[name] ?? {}).sort(([, a], [, b]) => a - b)
  return {
    ...withoutPlace(single),
    isBitmask: true,
    parse(value, at, interfaces) {
      if (!Array.isArray(value)) return single.parse(value, at, interfaces)
      const parts = value.map((each: unknown, index) => numberOfBytes(single.parse(each, `${at}[${index}]`, interfaces), byteorder))
      return bytesOfNumber(
        parts.reduce((all, part) => all | part, 0n),
        Math.ceil(bits / 8),
        byteorder,
      )
    },
    format(bytes) {
      const number = numberOfBytes(bytes, byteorder)
      const set = words.filter(([, bit]) => (number & BigInt(bit)) !== 0n)
      const known = set.reduce((all, [, bit]) => all | BigInt(bit), 0n)
      if (set.length === 0 || known !== number) return jsonNumber(number)
      return set.length === 1 ? set[0]?.[0] : set.map(([word]) => word)
    },
  }
}

function parseIPv6(text: string): Uint8Array {
  // A dotted tail becomes two groups, so that only groups are left.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  const all = [...groups, ...Array<string>(8 - groups.length - rest.length).fill('0'), ...rest]
  return Uint8Array.from(all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]))
}

/** RFC 5952, with the dotted tail that inet_ntop(3) gives to mapped and compatible addresses. */
function formatIPv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const dotted = best.start === 0 && (best.length === 6 || (best.length === 5 && groups[5] === 0xffff))
  const texts = groups.slice(0, dotted ? 6 : 8).map((group) => group.toString(16))
  if (dotted) texts.push(bytes.slice(12).join('.'))
  if (best.start < 0) return texts.join(':')
  const length = dotted ? Math.min(best.length, 6) : best.length
  return `${texts.slice(0, best.start).join(':')}::${texts.slice(best.start + length).join(':')}`
}

function address(
  name: string,
  id: number,
  bits: number,
  expected: string,
  test: (text: string) => boolean,
  read: (text: string) => Uint8Array,
  show: (bytes: Uint8Array) => string,
  hasPrefixes: boolean,
): DataType {
  return {
    name,
    id,
    bits,
    byteorder: 'network',
    hasPrefixes,
    parse(value, at) {
      if (typeof value !== 'string') throw invalidArgType(at, expected, value)
      if (!test(value)) throw invalidArgValue(at, expected, value)
      return read(value)
    },
    format: show,
  }
}

const ifnameSize = 16

const ifname: DataType = {
  name: 'ifname',
  id: 41,
  bits: 8 * ifnameSize,
  byteorder: 'host',
  isText: true,
  parse(value, at) {
    if (typeof value !== 'string') throw invalidArgType(at, 'the name of an interface', value)
    const length = Buffer.byteLength(value)
    if (length === 0 || value.includes('\0')) throw invalidArgValue(at, 'the name of an interface', value)
    if (length >= ifnameSize) throw outOfRange(at, `at most ${ifnameSize - 1} bytes long`, value)
    const bytes = new Uint8Array(ifnameSize)
    bytes.set(Buffer.from(value))
    return bytes
  },
  format(bytes) {
    const end = bytes.indexOf(0)
    return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString()
  },
}

const index = numeric('iface_index', 20, 32, 'host')
const ifaceIndex: DataType = {
  ...withoutPlace(index),
  parse(value, at, interfaces) {
    if (typeof value !== 'string' || /^\d+$/.test(value)) return index.parse(value, at, interfaces)
    for (const [number, name] of interfaces) if (name === value) return index.parse(number, at, interfaces)
    throw invalidArgValue(at, 'the name of an interface that exists in the namespace', value)
  },
  format(bytes, interfaces) {
    const number = Number(numberOfBytes(bytes, 'host'))
    return interfaces.get(number) ?? String(number)
  },
}

/** A yes or no, as `fib … oif exists`: the kernel fills a whole register. */
export const boolean: DataType = {
  ...withoutPlace(numeric('boolean', 39, 32, 'host')),
  parse(value, at) {
    if (typeof value !== 'boolean') throw invalidArgType(at, 'a boolean', value)
    return bytesOfNumber(value ? 1n : 0n, 4, 'host')
  },
  format: (bytes) => numberOfBytes(bytes, 'host') !== 0n,
}

const handleBits = 16n
const handle = numeric('classid', 23, 32, 'host')
/** A class of traffic control: a word, or its two numbers in hexadecimal digits. */
const classid: DataType = {
  ...withoutPlace(handle),
  parse(value, at, interfaces) {
    const [, major, minor] = (typeof value === 'string' && /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(value)) || []
    if (major === undefined || minor === undefined) return handle.parse(value, at, interfaces)
    return bytesOfNumber((BigInt(`0x${major}`) << handleBits) | BigInt(`0x${minor}`), 4, 'host')
  },
  format(bytes, interfaces) {
    const number = numberOfBytes(bytes, 'host')
    const word = handle.format(bytes, interfaces)
    return typeof word === 'string' ? word : `${(number >> handleBits).toString(16)}:${(number & 0xffffn).toString(16)}`
  },
}

const milliseconds = numeric('time', 18, 32, 'host')
/** Kept in milliseconds, said in seconds. */
const time: DataType = {
  ...withoutPlace(milliseconds),
  parse: (value, at, interfaces) => milliseconds.parse(typeof value === 'number' ? value * 1000 : value, at, interfaces),
  format: (bytes) => jsonNumber(numberOfBytes(bytes, 'host') / 1000n),
}

const table: readonly DataType[] = [
  numeric('nf_proto', 2, 8, 'host'),
  {
    ...address(
      'ipv4_addr',
      7,
      32,
      "an IPv4 address as '10.0.0.1'",
      isIPv4,
      (text) => Uint8Array.from(text.split('.').map(Number)),
      (bytes) => `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`,
      true,
    ),
    place: placeIPv4,
  },
  address('ipv6_addr', 8, 128, "an IPv6 address as 'fd00::1'", (text) => isIPv6(text) && !text.includes('%'), parseIPv6, formatIPv6, true),
  address(
    'ether_addr',
    9,
    48,
    "a MAC address as '02:00:00:00:00:01'",
    (text) => /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text),
    (text) => Uint8Array.from(text.split(':').map((part) => parseInt(part, 16))),
    (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':'),
    false,
  ),
  numeric('ether_type', 10, 16, 'network'),
  numeric('arp_op', 11, 16, 'network'),
  numeric('inet_proto', 12, 8, 'network'),
  numeric('inet_service', 13, 16, 'network'),
  numeric('icmp_type', 14, 8, 'network'),
  bitmask('tcp_flag', 15, 8, 'network'),
  time,
  numeric('mark', 19, 32, 'host', { hasPrefixes: true }),
  ifaceIndex,
  numeric('iface_type', 21, 16, 'host'),
  numeric('realm', 22, 32, 'host'),
  classid,
  numeric('uid', 24, 32, 'host'),
  numeric('gid', 25, 32, 'host'),
  bitmask('ct_state', 26, 32, 'host'),
  numeric('ct_dir', 27, 8, 'host'),
  bitmask('ct_status', 28, 32, 'host'),
  numeric('icmpv6_type', 29, 8, 'network'),
  numeric('pkt_type', 31, 8, 'host'),
  numeric('icmp_code', 32, 8, 'network'),
  numeric('icmpv6_code', 33, 8, 'network'),
  numeric('icmpx_code', 34, 8, 'network'),
  numeric('devgroup', 35, 32, 'host'),
  numeric('dscp', 36, 6, 'network'),
  numeric('ecn', 37, 2, 'network'),
  numeric('fib_addrtype', 38, 32, 'host'),
  boolean,
  bitmask('ct_event', 40, 32, 'host'),
  ifname,
  numeric('day', 45, 8, 'host'),
]

const byName = new Map(table.map((type) => [type.name, type]))
const byId = new Map(table.map((type) => [type.id, type]))

/** The type of this name, if there is one. */
export function findType(name: string): DataType | undefined {
  return byName.get(name)
}

/** The type of this name, which is one of the table's. */
export function dataType(name: string): DataType {
  const type = byName.get(name)
  if (type === undefined) throw new Error(`no data type '${name}'`)
  return type
}

/** A whole number of some bits that no type says more about. */
export function integer(bits: number, byteorder: Byteorder): DataType {
  return numeric('integer', 4, bits, byteorder)
}

/** The type of a field that does not end with a byte, as it lies in its bytes: `shift` bits stand to the right of it. */
export function shiftedType(type: DataType, shift: number): DataType {
  const size = Math.ceil((type.bits + shift) / 8)
  return {
    ...withoutPlace(type),
    bits: 8 * size,
    parse: (value, at, interfaces) =>
      bytesOfNumber(numberOfBytes(type.parse(value, at, interfaces), 'network') << BigInt(shift), size, 'network'),
    format: (bytes, interfaces) =>
      type.format(bytesOfNumber(numberOfBytes(bytes, 'network') >> BigInt(shift), sizeOf(type), 'network'), interfaces),
  }
}

/** The longest key or value that the kernel takes (NFT_DATA_VALUE_MAXLEN). */
const maxLength = 64
const idBits = 6
const idMask = (1 << idBits) - 1

/** nft's number for a key of several fields: those of the fields, six bits each. */
export function idOfTypes(types: readonly DataType[]): number {
  return types.reduce((id, type) => ((id << idBits) | type.id) >>> 0, 0)
}

/** The types behind nft's number; of what is none of the table's, or is no number of nft's, the whole is an integer. */
export function typesOfId(id: number, size: number): readonly DataType[] {
  const types: DataType[] = []
  if (size > maxLength) return [integer(8 * maxLength, 'network')]
  for (let rest = id; rest > 0; rest >>>= idBits) {
    const type = byId.get(rest & idMask)
    if (type === undefined) return [integer(8 * size, 'network')]
    types.unshift(type)
  }
  const room = types.reduce((sum, type) => sum + (types.length > 1 ? 4 * Math.ceil(type.bits / 32) : sizeOf(type)), 0)
  return room === size ? types : [integer(8 * size, 'network')]
}

/** All types by name, for complaints. */
export const typeNames: readonly string[] = [...byName.keys()]
