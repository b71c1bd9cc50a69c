/** Builders of nftables objects: short forms of the JSON that {@link Nft.apply} takes, checked where they are applied. */
import { isIP } from 'node:net'
import { invalidArgValue } from '../validate.js'
import { ctKeys, findProtocol, metaKeys } from './fields.js'
import type {
  NftChain,
  NftCommand,
  NftCounter,
  NftElements,
  NftExpression,
  NftFamily,
  NftFibFlag,
  NftMap,
  NftNamedMap,
  NftNat,
  NftObject,
  NftOperator,
  NftRule,
  NftSet,
  NftSetElement,
  NftStatement,
} from './types.js'

type Options<Of> = Omit<Of, 'family' | 'table' | 'name' | 'chain' | 'expr'>

const flagFields = ['ct state', 'ct status', 'tcp flags']

function parseField(text: string): NftExpression {
  const words = text.trim().split(/\s+/)
  const [first = '', second = '', ...more] = words
  if (words.length === 1 && Object.hasOwn(metaKeys, first)) return { meta: { key: first } }
  if (words.length === 2 && first === 'meta') return { meta: { key: second } }
  if (first === 'ct' && words.length > 1) {
    const key = [second, ...more].join(' ')
    if (Object.hasOwn(ctKeys, key)) return { ct: { key } }
    if (second === 'original' || second === 'reply') return { ct: { key: more.join(' '), dir: second } }
  }
  if (first === 'fib' && words.length > 2) {
    const result = words[words.length - 1] as 'oif' | 'oifname' | 'type'
    return { fib: { result, flags: words.slice(1, -1).filter((word) => word !== '.') as NftFibFlag[] } }
  }
  if (words.length === 2 && findProtocol(first) !== undefined) return { payload: { protocol: first, field: second } }
  throw invalidArgValue('left', "a field as nft(8) writes it: 'ip saddr', 'tcp dport', 'oifname', 'ct state', 'fib daddr type'", text)
}

/** Reads `'ip saddr'`, or several fields, `'ip saddr . tcp dport'`. */
function parseLeft(left: NftExpression): NftExpression {
  if (typeof left !== 'string') return left
  if (left.trim().startsWith('fib ')) return parseField(left)
  const parts = left.split(' . ')
  return parts.length === 1 ? parseField(left) : { concat: parts.map(parseField) }
}

function isBound(text: string): boolean {
  return isIP(text) !== 0 || /^\d+$/.test(text)
}

/** Reads `'10.0.0.0/8'` and `'1024-65535'`. */
function parseRight(right: NftExpression): NftExpression {
  if (typeof right !== 'string') return right
  const [addr = '', length = '', ...others] = right.split('/')
  if (others.length === 0 && isIP(addr) !== 0 && /^\d+$/.test(length)) return { prefix: { addr, len: Number(length) } }
  const [from = '', to = '', ...rest] = right.split('-')
  if (rest.length === 0 && isBound(from) && isBound(to)) return { range: [bound(from), bound(to)] }
  return right
}

function bound(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text
}

/**
 * Matches packets whose `left` compares so with `right`.
 *
 * @param left a field as nft(8) writes it, or several (`'iifname . ip saddr'`), or an expression
 * @param operator default `'=='`; `'in'` for `ct state`, `ct status` and `tcp flags`
 * @param right a value, `'10.0.0.0/8'`, `'1024-65535'`, `'@set'`, or an array for any of several
 */
function match(left: NftExpression, right: NftExpression): NftStatement
function match(left: NftExpression, operator: NftOperator, right: NftExpression): NftStatement
function match(left: NftExpression, ...rest: [NftExpression] | [NftOperator, NftExpression]): NftStatement {
  const hasFlags = typeof left === 'string' && flagFields.includes(left.trim())
  const [op, right] = rest.length === 2 ? rest : ([hasFlags ? 'in' : '==', rest[0]] as const)
  const values = Array.isArray(right) && !hasFlags ? { set: (right as readonly NftExpression[]).map(parseRight) } : parseRight(right)
  return { match: { op, left: parseLeft(left), right: values } }
}

function nat(target: NftNat): NftNat {
  const { addr, port, ...others } = target
  return { ...others, ...(addr !== undefined && { addr: parseRight(addr) }), ...(port !== undefined && { port: parseRight(port) }) }
}

function mapOf(key: NftExpression, data: NftMap['data']): NftMap {
  return { key: parseLeft(key), data }
}

/** Builders of objects, statements and commands for {@link Nft.apply}. */
export const nft = {
  /** A table. */
  table: (family: NftFamily, name: string, options: { comment?: string } = {}): NftObject => ({ table: { family, name, ...options } }),
  /** A chain; with `type`, `hook` and `prio` a base chain. */
  chain: (family: NftFamily, table: string, name: string, options: Options<NftChain> = {}): NftObject => ({
    chain: { family, table, name, ...options },
  }),
  /** A rule, at the end of its chain. */
  rule: (family: NftFamily, table: string, chain: string, expr: readonly NftStatement[], options: Options<NftRule> = {}): NftObject => ({
    rule: { family, table, chain, expr, ...options },
  }),
  /** A named set. */
  set: (family: NftFamily, table: string, name: string, options: Options<NftSet>): NftObject => ({
    set: { family, table, name, ...options },
  }),
  /** A named map. */
  map: (family: NftFamily, table: string, name: string, options: Options<NftNamedMap>): NftObject => ({
    map: { family, table, name, ...options },
  }),
  /** Elements of a named set or map. */
  element: (family: NftFamily, table: string, name: string, elem: NftElements['elem']): NftObject => ({
    element: { family, table, name, elem },
  }),

  /** The object is added unless it is there. */
  add: (object: NftObject): NftCommand => ({ add: object }),
  /** The object is added; that it is there already is an error (`EEXIST`). */
  create: (object: NftObject): NftCommand => ({ create: object }),
  /** The object is deleted; that it is not there is an error (`ENOENT`). */
  delete: (object: NftObject): NftCommand => ({ delete: object }),
  /** The object is deleted if it is there. Needs Linux 6.3. */
  destroy: (object: NftObject): NftCommand => ({ destroy: object }),
  /** The object is emptied. */
  flush: (object: NftObject): NftCommand => ({ flush: object }),

  match,
  /** Fields of one value or key, one behind the other. */
  concat: (...parts: readonly NftExpression[]): NftExpression => ({ concat: parts }),
  /** The verdict that a map has for a key. */
  vmap: (key: NftExpression, data: NftMap['data']): NftStatement => ({ vmap: mapOf(key, data) }),
  /** What a map has for a key: a value for `mangle`, or an address for NAT. */
  lookup: (key: NftExpression, data: NftMap['data']): NftExpression => ({ map: mapOf(key, data) }),
  /** An anonymous set or map. */
  anonymous: (elements: readonly NftSetElement[]): { readonly set: readonly NftSetElement[] } => ({ set: elements }),
  /** Gives `meta mark`, `ct mark` and the like a value. */
  mangle: (key: NftExpression, value: NftExpression): NftStatement => ({ mangle: { key: parseLeft(key), value } }),
  /** Counts packets and bytes. */
  counter: (counts: NftCounter | null = null): NftStatement => ({ counter: counts }),
  masquerade: (options: Pick<NftNat, 'port' | 'flags'> | null = null): NftStatement => ({ masquerade: options && nat(options) }),
  redirect: (options: Pick<NftNat, 'port' | 'flags'> | null = null): NftStatement => ({ redirect: options && nat(options) }),
  dnat: (target: NftNat): NftStatement => ({ dnat: nat(target) }),
  snat: (target: NftNat): NftStatement => ({ snat: nat(target) }),
  accept: (): NftStatement => ({ accept: null }),
  drop: (): NftStatement => ({ drop: null }),
  return: (): NftStatement => ({ return: null }),
  continue: (): NftStatement => ({ continue: null }),
  jump: (target: string): NftStatement => ({ jump: { target } }),
  goto: (target: string): NftStatement => ({ goto: { target } }),
} as const
