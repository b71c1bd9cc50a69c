/** What expressions of a rule have put into registers, and how that is said in JSON. */
import { combine, equalBytes, isAll, padded } from './bytes.js'
import { boolean, integer, shiftedType, sizeOf, type DataType, type Interfaces } from './datatypes.js'
import { ctKeys, fibResults, metaKeys, protocols, type HeaderField, type Protocol } from './fields.js'
import type { Json } from './json.js'
import type { ExpressionRecord } from './records.js'

/** Bytes of a packet: `offset` and `len` in bytes. */
export interface PayloadContent {
  readonly kind: 'payload'
  readonly base: string
  readonly offset: number
  readonly len: number
}

/** What a register holds. */
export type Content =
  | { readonly kind: 'selector'; readonly json: Json; readonly type: DataType }
  | PayloadContent
  | { readonly kind: 'masked'; readonly of: Content; readonly mask: Uint8Array; readonly xor: Uint8Array }
  | { readonly kind: 'value'; readonly data: Uint8Array }
  | { readonly kind: 'map'; readonly json: Json; readonly types: readonly DataType[] }

/** Something that was loaded, in words. */
export interface Said {
  readonly json: unknown
  readonly type: DataType
  /** The header that it is in. */
  readonly protocol?: Protocol
  /** Bits to its right in what was loaded. */
  readonly shift?: number
}

/** The content that a loading expression makes; undefined for other expressions, and for what cannot be said. */
export function contentOf(expression: ExpressionRecord): Content | undefined {
  const { name, key, dir, result, flags } = expression
  if (expression.dreg === undefined) return undefined
  switch (name) {
    case 'meta':
      return selector({ meta: { key } }, typeIn(metaKeys, key))
    case 'ct':
      return selector({ ct: { key, ...(dir !== undefined && { dir }) } }, typeIn(ctKeys, key))
    case 'fib': {
      const words = (flags ?? []) as readonly string[]
      const json = { fib: { result, flags: words.filter((word) => word !== 'present') } }
      return selector(json, words.includes('present') ? boolean : typeIn(fibResults, result))
    }
    case 'payload': {
      const { base, offset, len } = expression
      const isKnown = Object.hasOwn(rawBases, String(base)) && typeof offset === 'number' && typeof len === 'number' && len <= maxLength
      return isKnown ? { kind: 'payload', base: String(base), offset, len } : undefined
    }
    case 'immediate':
      return expression.data instanceof Uint8Array ? { kind: 'value', data: expression.data } : undefined
    default:
      return undefined
  }
}

/** All registers together. */
const maxLength = 64

function typeIn(table: Readonly<Record<string, DataType>>, key: unknown): DataType | undefined {
  return Object.hasOwn(table, String(key)) ? table[String(key)] : undefined
}

/** Of a key without a row in its table, neither the values nor their size can be told. */
function selector(json: Json, type: DataType | undefined): Content | undefined {
  return type && { kind: 'selector', json, type }
}

/** Protocols that are certain at some place of a rule. */
export interface Layers {
  readonly isEthernet: boolean
  readonly network: Protocol['network'] | undefined
  readonly transport: string | undefined
}

function isPossible(protocol: Protocol, layers: Layers): boolean {
  if (protocol.base === 'link') return layers.isEthernet
  if (protocol.base === 'network') return protocol.network === layers.network
  return protocol.transport === layers.transport
}

function protocolsAt(base: string, layers: Layers): readonly Protocol[] {
  return protocols.filter((protocol) => protocol.base === base && isPossible(protocol, layers))
}

function sayField(protocol: Protocol, field: HeaderField): Said {
  return { json: { payload: { protocol: protocol.name, field: field.name } }, type: field.type, protocol }
}

const rawBases: Readonly<Record<string, string>> = { link: 'll', network: 'nh', transport: 'th', inner: 'ih' }

function sayRaw({ base, offset, len }: PayloadContent): Said {
  return { json: { payload: { base: rawBases[base] ?? base, offset: 8 * offset, len: 8 * len } }, type: integer(8 * len, 'network') }
}

/** The fields that lie one behind the other in exactly these bytes: more than one where comparisons had been joined. */
export function fieldsIn(payload: PayloadContent, layers: Layers): readonly (Said & { readonly size: number })[] | undefined {
  for (const protocol of protocolsAt(payload.base, layers)) {
    const found: (Said & { readonly size: number })[] = []
    let at = 8 * payload.offset
    const end = at + 8 * payload.len
    for (const field of protocol.fields) {
      if (field.offset !== at || field.bits % 8 !== 0 || at + field.bits > end) continue
      found.push({ size: field.bits / 8, ...sayField(protocol, field) })
      at += field.bits
    }
    if (at === end && found.length > 0) return found
  }
  return undefined
}

/** The field of which these are the first bytes, for a comparison with a prefix. */
export function fieldBegunBy(payload: PayloadContent, layers: Layers): Said | undefined {
  for (const protocol of protocolsAt(payload.base, layers)) {
    const field = protocol.fields.find(
      (each) => each.offset === 8 * payload.offset && each.bits > 8 * payload.len && each.type.hasPrefixes === true,
    )
    if (field !== undefined) return sayField(protocol, field)
  }
  return undefined
}

/** The field that the mask cuts out of these bytes. */
function fieldUnder(payload: PayloadContent, mask: Uint8Array, layers: Layers): Said | undefined {
  for (const protocol of protocolsAt(payload.base, layers)) {
    for (const field of protocol.fields) {
      const first = field.offset - 8 * payload.offset
      const shift = 8 * payload.len - first - field.bits
      if (mask.length !== payload.len || first < 0 || shift < 0 || (first % 8 === 0 && field.bits % 8 === 0)) continue
      const bits = ((1n << BigInt(field.bits)) - 1n) << BigInt(shift)
      const wanted = Uint8Array.from({ length: payload.len }, (_, at) => Number((bits >> BigInt(8 * (payload.len - 1 - at))) & 0xffn))
      if (equalBytes(wanted, mask)) return { shift, ...sayField(protocol, field) }
    }
  }
  return undefined
}

/** Says what a register holds. */
export function say(content: Content, layers: Layers, interfaces: Interfaces): Said {
  switch (content.kind) {
    case 'selector':
      return content
    case 'payload': {
      const fields = fieldsIn(content, layers)
      return fields?.length === 1 && fields[0] !== undefined ? fields[0] : sayRaw(content)
    }
    case 'masked':
      return sayMasked(content, layers, interfaces)
    case 'value':
      return { json: [...content.data], type: integer(8 * content.data.length, 'host') }
    case 'map':
      return { json: { map: content.json }, type: content.types[0] ?? integer(32, 'host') }
  }
}

function sayMasked({ of, mask, xor }: Content & { readonly kind: 'masked' }, layers: Layers, interfaces: Interfaces): Said {
  const cut = of.kind === 'payload' && isAll(xor, 0) ? fieldUnder(of, mask, layers) : undefined
  if (cut !== undefined) return cut
  const inner = say(of, layers, interfaces)
  const constant = (bytes: Uint8Array): unknown => inner.type.format(bytes, interfaces)
  // What the mask clears and xor sets is set whatever it was; nft says so.
  const set = combine(xor, mask, (x, m) => x & ~m & 0xff)
  const turned = combine(xor, mask, (x, m) => x & m)
  const kept = isAll(xor, 0) ? mask : combine(mask, set, (m, s) => m | s)
  let json = inner.json
  if (!isAll(kept, 0xff)) json = { '&': [json, constant(kept)] }
  if (!isAll(turned, 0)) json = { '^': [json, constant(turned)] }
  if (!isAll(set, 0)) json = { '|': [json, constant(set)] }
  return { ...inner, json }
}

/** The type of elements that are compared with what was said. */
export function elementType(said: Said, type: DataType): DataType {
  return said.shift === undefined ? type : shiftedType(said.type, said.shift)
}

/** Registers that a value of the type takes. */
export function slotsOf(type: DataType): number {
  return padded(sizeOf(type)) / 4
}
