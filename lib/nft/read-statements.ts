/** Statements that are one expression of the kernel's each, as `nft -j` says them. A new one is a row of the table at the end. */
import { dataType, type DataType, type Interfaces } from './datatypes.js'
import { metaKeys, ctKeys } from './fields.js'
import type { Json } from './json.js'
import type { ExpressionRecord } from './records.js'
import { slotsOf, type Content, type Layers, type Said } from './read-registers.js'
import { formatSpan } from './span.js'
import { limitSizes, limitUnits, logFlags } from './statements.js'

/** What of a rule its statements refer to. */
export interface StatementSurroundings {
  readonly family: string
  readonly interfaces: Interfaces
  readonly network: Layers['network']
  readonly transport: Layers['transport']
  /** What a register holds; undefined if that cannot be said. */
  readonly find: (slot: unknown) => Content | undefined
  readonly say: (content: Content) => Said
  /** The match of a network protocol before is part of the statement. */
  readonly implyNetwork: () => void
  readonly implyTransport: () => void
}

/** Undefined for what cannot be said. */
type Say = (expression: ExpressionRecord, rule: StatementSurroundings) => Json | undefined

/** Says a verdict. */
export function sayVerdict(verdict: unknown, chain: unknown): Json {
  const word = String(verdict)
  return { [word]: word === 'jump' || word === 'goto' ? { target: chain } : null }
}

function sayMangle(kind: 'meta' | 'ct', keys: Readonly<Record<string, DataType>>): Say {
  return (expression, rule) => {
    const { key, dir, sreg } = expression
    const content = rule.find(sreg)
    const type = Object.hasOwn(keys, String(key)) ? keys[String(key)] : undefined
    if (content === undefined || type === undefined) return undefined
    const value = content.kind === 'value' ? type.format(content.data, rule.interfaces) : rule.say(content).json
    return { mangle: { key: { [kind]: { key, ...(dir !== undefined && { dir }) } }, value } }
  }
}

/** One value or a map, in one register; or a range, in two. */
function sayRegisters(low: unknown, high: unknown, type: DataType, rule: StatementSurroundings): unknown {
  const from = rule.find(low)
  const to = high === undefined ? from : rule.find(high)
  if (from?.kind === 'value' && to?.kind === 'value') return formatSpan({ from: from.data, to: to.data }, type, rule.interfaces)
  return from === undefined || from !== to ? undefined : rule.say(from).json
}

const shownFlags = ['random', 'fully-random', 'persistent', 'netmap']

function natFlags({ flags }: ExpressionRecord): Json {
  const words = ((flags ?? []) as readonly string[]).filter((word) => shownFlags.includes(word))
  return words.length === 0 ? {} : { flags: words.length === 1 ? words[0] : words }
}

function orNull(object: Json): Json | null {
  return Object.keys(object).length === 0 ? null : object
}

function sayPorts({ protoMin, protoMax }: ExpressionRecord, rule: StatementSurroundings): Json | undefined {
  if (protoMin === undefined) return {}
  const port = sayRegisters(protoMin, protoMax, dataType('inet_service'), rule)
  return port === undefined ? undefined : { port }
}

function sayAddress({ family, addrMin, addrMax }: ExpressionRecord, rule: StatementSurroundings): Json | undefined {
  if (addrMin === undefined) return {}
  const addr = sayRegisters(addrMin, addrMax, dataType(family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr'), rule)
  return addr === undefined ? undefined : { ...(rule.family === 'inet' && { family }), addr }
}

/** A map of addresses and ports, whose ports lie behind the address, is said with the address. */
function givesPorts({ addrMin, protoMin, protoMax }: ExpressionRecord, rule: StatementSurroundings): boolean {
  const map = addrMin === undefined ? undefined : rule.find(addrMin)
  if (map?.kind !== 'map' || map.types.length !== 2 || (protoMax ?? protoMin) !== protoMin) return false
  const [address] = map.types
  return address !== undefined && protoMin === Number(addrMin) + slotsOf(address)
}

function sayNat(expression: ExpressionRecord, rule: StatementSurroundings): Json | undefined {
  const address = sayAddress(expression, rule)
  const ports = givesPorts(expression, rule) ? {} : sayPorts(expression, rule)
  if (address === undefined || ports === undefined) return undefined
  return { [String(expression.type)]: orNull({ ...address, ...ports, ...natFlags(expression) }) }
}

function sayLocalNat(name: string): Say {
  return (expression, rule) => {
    const ports = sayPorts(expression, rule)
    return ports && { [name]: orNull({ ...ports, ...natFlags(expression) }) }
  }
}

const defaultLevel = 'warn'

function sayLogFlags(flags: unknown): Json {
  const words = (flags ?? []) as readonly string[]
  if (words.length === 0) return {}
  return { flags: words.length === logFlags.length ? 'all' : words.length === 1 ? words[0] : words }
}

function sayLog({ prefix, level, group, snaplen, queueThreshold, flags }: ExpressionRecord): Json {
  return {
    log: orNull({
      ...(prefix !== undefined && { prefix }),
      ...(level !== undefined && level !== defaultLevel && group === undefined && { level }),
      ...(group !== undefined && { group }),
      ...(snaplen !== undefined && snaplen !== 0 && { snaplen }),
      ...(queueThreshold !== undefined && queueThreshold !== 0 && { 'queue-threshold': queueThreshold }),
      ...sayLogFlags(flags),
    }),
  }
}

/** The largest unit that the number is a multiple of. */
function inUnits(bytes: number): readonly [number, string] {
  const [unit, size] = Object.entries(limitSizes).findLast(([, each]) => bytes >= each && bytes % each === 0) ?? ['bytes', 1]
  return [bytes / size, unit]
}

function sayLimit({ rate, unit, burst, type, flags }: ExpressionRecord): Json {
  const per = Object.entries(limitUnits).find(([, seconds]) => seconds === unit)?.[0] ?? 'second'
  const inverted = ((flags ?? []) as readonly string[]).includes('inv') ? { inv: true } : {}
  if (type === 'packets') return { limit: { rate, burst, per, ...inverted } }
  const [bytes, rateUnit] = inUnits(Number(rate))
  const [burstBytes, burstUnit] = inUnits(Number(burst))
  return { limit: { rate: bytes, burst: burstBytes, per, ...inverted, rate_unit: rateUnit, burst_unit: burstUnit } }
}

/** The kernel has one type for the messages of both protocols; which it sends, and what the code means, is the packet's to say. */
const icmpOfNetwork: Readonly<Record<string, string>> = { ipv4: 'icmp', ipv6: 'icmpv6' }

function sayReject({ type, code }: ExpressionRecord, rule: StatementSurroundings): Json | undefined {
  if (type === 'tcp reset') {
    if ((rule.family === 'ip' || rule.family === 'ip6') && rule.transport === 'tcp') rule.implyTransport()
    return { reject: { type } }
  }
  const kind = type === 'icmp' ? icmpOfNetwork[String(rule.network)] : type === 'icmpx' ? type : undefined
  if (kind === undefined) return undefined
  if (kind !== 'icmpx') rule.implyNetwork()
  return { reject: { type: kind, expr: dataType(`${kind}_code`).format(Uint8Array.of(Number(code)), rule.interfaces) } }
}

const rows: Readonly<Record<string, Say>> = {
  immediate: ({ verdict, chain }) => (typeof verdict === 'string' ? sayVerdict(verdict, chain) : undefined),
  meta: sayMangle('meta', metaKeys),
  ct: sayMangle('ct', ctKeys),
  counter: ({ packets, bytes }) => ({ counter: { packets, bytes } }),
  masq: sayLocalNat('masquerade'),
  redir: sayLocalNat('redirect'),
  nat: sayNat,
  log: sayLog,
  limit: sayLimit,
  reject: sayReject,
  notrack: () => ({ notrack: null }),
  match: () => ({ xt: null }),
  target: () => ({ xt: null }),
}

function rowOf(name: string): Say | undefined {
  return Object.hasOwn(rows, name) ? rows[name] : undefined
}

/** Says an expression that is a statement by itself; undefined if it cannot be said. */
export function sayStatement(expression: ExpressionRecord, rule: StatementSurroundings): Json | undefined {
  return rowOf(expression.name)?.(expression, rule)
}

/** True if the expression is known to write no register, even where it cannot be said. */
export function leavesRegisters(name: string): boolean {
  return rowOf(name) !== undefined || name === 'cmp' || name === 'range' || name === 'lookup'
}
