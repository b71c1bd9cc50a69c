/** What a rule looks at: from JSON to the expressions that load it into registers. */
import { invalidArgType, invalidArgValue } from '../validate.js'
import { combine, padded, prefixMask } from './bytes.js'
import type { RuleContext } from './compile-context.js'
import { boolean, integer, sizeOf, type DataType } from './datatypes.js'
import { ctKeys, fibFlags, fibResults, findProtocol, metaKeys, protocols, type Protocol } from './fields.js'
import { asArray, asInteger, asWord, listOf, objectOf, onlyMember } from './json.js'
import type { ExpressionRecord } from './records.js'

/** Something that can be loaded into registers. */
export interface Operand {
  /** One type, or those of a concatenation's fields. */
  readonly types: readonly DataType[]
  /** Headers that a packet must have for it. */
  readonly headers: readonly Protocol[]
  /** Loads it into the registers from this one on. */
  readonly load: (slot: number) => readonly ExpressionRecord[]
  /** Where it lies in the packet, if it is one field there. */
  readonly payload?: { readonly base: string; readonly offset: number; readonly bits: number }
  /** Bits to the right of a field that does not end with a byte. */
  readonly shift?: number
  /** The protocol above, if it is the field that tells it. */
  readonly tells?: 'network' | 'transport'
  /** What it is masked from, if it is. */
  readonly masked?: Masked
  /** The look-up asked only whether there is a result. */
  readonly asPresence?: () => Operand
}

const expected =
  'an expression as { meta: { key } }, { ct: { key } }, { fib: { result, flags } }, { payload: { protocol, field } } or { concat: [ … ] }'

function typeIn(table: Readonly<Record<string, DataType>>, key: unknown, at: string): readonly [key: string, type: DataType] {
  const word = asWord(key, Object.keys(table), at)
  const type = table[word]
  if (type === undefined) throw invalidArgValue(at, `one of ${Object.keys(table).join(', ')}`, key)
  return [word, type]
}

function metaOperand(value: unknown, at: string): Operand {
  const [key, type] = typeIn(metaKeys, objectOf(value, ['key'], at).key, `${at}.key`)
  const tells = key === 'l4proto' ? 'transport' : key === 'nfproto' || key === 'protocol' ? 'network' : undefined
  return { types: [type], headers: [], load: (dreg) => [{ name: 'meta', key, dreg }], ...(tells !== undefined && { tells }) }
}

function ctOperand(value: unknown, at: string): Operand {
  const { key, dir } = objectOf(value, ['key', 'dir'], at)
  const [word, type] = typeIn(ctKeys, key, `${at}.key`)
  const direction = dir === undefined ? {} : { dir: asWord(dir, ['original', 'reply'], `${at}.dir`) }
  return { types: [type], headers: [], load: (dreg) => [{ name: 'ct', key: word, ...direction, dreg }] }
}

function fibOperand(value: unknown, at: string): Operand {
  const { result, flags } = objectOf(value, ['result', 'flags'], at)
  const [word, type] = typeIn(fibResults, result, `${at}.result`)
  const words = listOf(flags).map((flag, index) => asWord(flag, fibFlags, `${at}.flags[${index}]`))
  if (words.includes('saddr') === words.includes('daddr')) throw invalidArgValue(`${at}.flags`, "'saddr' or 'daddr' among them", flags)
  const look = (dreg: number, ...more: readonly string[]): ExpressionRecord => ({
    name: 'fib',
    result: word,
    flags: [...words, ...more],
    dreg,
  })
  return {
    types: [type],
    headers: [],
    load: (dreg) => [look(dreg)],
    ...(word !== 'type' && { asPresence: () => ({ types: [boolean], headers: [], load: (dreg) => [look(dreg, 'present')] }) }),
  }
}

const rawBases = { ll: 'link', nh: 'network', th: 'transport' } as const

function rawPayloadOperand(value: unknown, at: string): Operand {
  const { base, offset, len } = objectOf(value, ['base', 'offset', 'len'], at)
  const bits = asInteger(len, 1, 128, `${at}.len`)
  const position = {
    base: rawBases[asWord(base, ['ll', 'nh', 'th'], `${at}.base`)],
    offset: asInteger(offset, 0, 8 * 0xffff, `${at}.offset`),
    bits,
  }
  return payloadOperand(position, integer(bits, 'network'), [])
}

function fieldOperand(value: unknown, at: string): Operand {
  const { protocol: name, field: fieldName } = objectOf(value, ['protocol', 'field'], at)
  const protocol = typeof name === 'string' ? findProtocol(name) : undefined
  if (protocol === undefined)
    throw invalidArgValue(`${at}.protocol`, `one of ${protocols.map((each) => `'${each.name}'`).join(', ')}`, name)
  const field = protocol.fields.find((each) => each.name === fieldName)
  if (field === undefined)
    throw invalidArgValue(
      `${at}.field`,
      `a field of ${protocol.name}: ${protocol.fields.map((each) => `'${each.name}'`).join(', ')}`,
      fieldName,
    )
  const operand = payloadOperand({ base: protocol.base, offset: field.offset, bits: field.bits }, field.type, [protocol])
  if (field.type.name === 'inet_proto') return { tells: 'transport', ...operand }
  return protocol.base === 'link' && field.type.name === 'ether_type' ? { tells: 'network', ...operand } : operand
}

/** The bytes that hold the bits, and a mask for those where they are not whole bytes. */
function payloadOperand(payload: NonNullable<Operand['payload']>, type: DataType, headers: readonly Protocol[]): Operand {
  const first = payload.offset % 8
  const len = Math.ceil((first + payload.bits) / 8)
  const shift = 8 * len - first - payload.bits
  const bytes = { name: 'payload', base: payload.base, offset: (payload.offset - first) / 8, len }
  if (first === 0 && shift === 0) return { types: [type], headers, payload, load: (dreg) => [{ dreg, ...bytes }] }
  const mask = combine(prefixMask(8 * len - shift, len), prefixMask(first, len), (inside, before) => inside & ~before)
  return {
    types: [type],
    headers,
    shift,
    load: (dreg) => [{ dreg, ...bytes }, bitwise(dreg, mask, new Uint8Array(len))],
  }
}

/** An expression that keeps the bits of the mask, and then turns over those of `xor`. */
export function bitwise(slot: number, mask: Uint8Array, xor: Uint8Array): ExpressionRecord {
  return { name: 'bitwise', op: 'bool', sreg: slot, dreg: slot, len: mask.length, mask, xor }
}

/** An expression that turns the bytes of a value round. */
export function byteorder(slot: number, size: number): ExpressionRecord {
  return { name: 'byteorder', op: 'hton', sreg: slot, dreg: slot, len: size, size }
}

function concatOperand(value: unknown, at: string, context: RuleContext): Operand {
  const parts = asArray(value, at).map((part, index) => parseOperand(part, `${at}[${index}]`, context))
  if (parts.length < 2) throw invalidArgValue(at, 'two or more expressions', value)
  parts.forEach((part, index) => {
    if (part.types.length > 1 || part.shift !== undefined)
      throw invalidArgValue(`${at}[${index}]`, 'a field of whole bytes', asArray(value, at)[index])
  })
  return {
    types: parts.flatMap((part) => part.types),
    headers: parts.flatMap((part) => part.headers),
    load(slot) {
      let next = slot
      return parts.flatMap((part) => {
        const expressions = part.load(next)
        next += part.types.reduce((sum, type) => sum + padded(sizeOf(type)) / 4, 0)
        return expressions
      })
    },
  }
}

type BitOperator = '&' | '|' | '^'

/** Mask and xor that do what the operator does with a constant. */
const bitOperators: Readonly<Record<BitOperator, (constant: Uint8Array) => readonly [mask: Uint8Array, xor: Uint8Array]>> = {
  '&': (constant) => [constant, new Uint8Array(constant.length)],
  '|': (constant) => [constant.map((byte) => ~byte), constant],
  '^': (constant) => [constant.map(() => 0xff), constant],
}

/** An operand with constants put to it by `&`, `|`, `^`: one mask and one xor, however many there are. */
function bitOperand(operator: BitOperator, value: unknown, at: string, context: RuleContext): Operand {
  const [left, right, ...rest] = asArray(value, at)
  if (right === undefined || rest.length > 0) throw invalidArgValue(at, 'two operands', value)
  const inner = parseOperand(left, `${at}[0]`, context)
  const [type] = inner.types
  if (type === undefined || inner.types.length > 1 || type.isText === true || inner.shift !== undefined)
    throw invalidArgValue(`${at}[0]`, 'a number or an address', left)
  const [mask, xor] = bitOperators[operator](type.parse(right, `${at}[1]`, context.interfaces))
  const { base, mask: before, xor: turned } = inner.masked ?? { base: inner, mask: undefined, xor: undefined }
  const masked: Masked = {
    base,
    mask: before === undefined ? mask : combine(before, mask, (a, b) => a & b),
    xor:
      turned === undefined
        ? xor
        : combine(
            combine(turned, mask, (a, b) => a & b),
            xor,
            (a, b) => a ^ b,
          ),
  }
  return {
    types: inner.types,
    headers: inner.headers,
    masked,
    load: (slot) => [...base.load(slot), bitwise(slot, masked.mask, masked.xor)],
  }
}

/** An operand of which some bits are kept, and then some turned over. */
interface Masked {
  readonly base: Operand
  readonly mask: Uint8Array
  readonly xor: Uint8Array
}

/** Reads an expression that a packet, its connection or its route gives a value to. */
export function parseOperand(value: unknown, at: string, context: RuleContext): Operand {
  if (typeof value === 'string' || Array.isArray(value)) throw invalidArgType(at, expected, value)
  const [kind, inner] = onlyMember(value, at, expected)
  const place = `${at}.${kind}`
  switch (kind) {
    case 'meta':
      return metaOperand(inner, place)
    case 'ct':
      return ctOperand(inner, place)
    case 'fib':
      return fibOperand(inner, place)
    case 'payload':
      return isRawPayload(inner) ? rawPayloadOperand(inner, place) : fieldOperand(inner, place)
    case 'concat':
      return concatOperand(inner, place, context)
    case '&':
    case '|':
    case '^':
      return bitOperand(kind, inner, place, context)
    default:
      throw invalidArgValue(at, expected, value)
  }
}

function isRawPayload(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'base' in value
}

/** Makes sure of the headers that the operand lies in, and loads it. */
export function loadOperand(operand: Operand, slot: number, at: string, context: RuleContext): void {
  for (const protocol of operand.headers) context.require(protocol, at)
  context.emit(...operand.load(slot))
}
