/** Statements that are one expression of the kernel's each, as `nft -j` says them. A new one is a row of the table at the end. */
import { dataType, type DataType, type Interfaces } from './datatypes.js'
import { metaKeys, ctKeys } from './fields.js'
import type { Json } from './json.js'
import type { ExpressionRecord } from './native-types.js'
import type { Content, Said } from './read-registers.js'
import { formatSpan } from './span.js'
import { limitSizes, limitUnits } from './statements.js'

/** What of a rule its statements refer to. */
export interface StatementSurroundings {
  readonly family: string
  readonly interfaces: Interfaces
  /** What a register holds. */
  readonly find: (slot: unknown) => Content | undefined
  readonly say: (content: Content) => Said
  /** The match of a network protocol before is part of the statement. */
  readonly implyNetwork: () => void
  readonly implyTransport: () => void
}

type Say = (expression: ExpressionRecord, rule: StatementSurroundings) => Json

/** Says a verdict. */
export function sayVerdict(verdict: unknown, chain: unknown): Json {
  const word = String(verdict)
  return { [word]: word === 'jump' || word === 'goto' ? { target: chain } : null }
}

function sayMangle(kind: 'meta' | 'ct', keys: Readonly<Record<string, DataType>>): Say {
  return (expression, rule) => {
    const key = String(expression.key)
    const content = rule.find(expression.sreg)
    const type = keys[key]
    const value = content?.kind === 'value' ? type?.format(content.data, rule.interfaces) : content && rule.say(content).json
    return { mangle: { key: { [kind]: { key } }, value } }
  }
}

/** One value or a map, in one register; or a range, in two. */
function sayRegisters(low: unknown, high: unknown, type: DataType, rule: StatementSurroundings): unknown {
  const from = rule.find(low)
  if (from === undefined) return undefined
  if (from.kind !== 'value') return rule.say(from).json
  const to = rule.find(high)
  return formatSpan({ from: from.data, to: to?.kind === 'value' ? to.data : from.data }, type, rule.interfaces)
}

const shownFlags = ['random', 'fully-random', 'persistent', 'netmap']

function natFlags({ flags }: ExpressionRecord): Json {
  const words = ((flags ?? []) as readonly string[]).filter((word) => shownFlags.includes(word))
  return words.length === 0 ? {} : { flags: words.length === 1 ? words[0] : words }
}

function orNull(object: Json): Json | null {
  return Object.keys(object).length === 0 ? null : object
}

function sayPorts(expression: ExpressionRecord, rule: StatementSurroundings): Json {
  const port =
    expression.protoMin === undefined ? undefined : sayRegisters(expression.protoMin, expression.protoMax, dataType('inet_service'), rule)
  return port === undefined ? {} : { port }
}

function sayNat(expression: ExpressionRecord, rule: StatementSurroundings): Json {
  const { type, family, addrMin, addrMax } = expression
  const addressType = dataType(family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr')
  const addr = addrMin === undefined ? undefined : sayRegisters(addrMin, addrMax, addressType, rule)
  const isMap = addrMin !== undefined && rule.find(addrMin)?.kind === 'map'
  const says = {
    ...(addr !== undefined && rule.family === 'inet' && { family }),
    ...(addr !== undefined && { addr }),
    // A map of addresses and ports is said with the address.
    ...(isMap ? {} : sayPorts(expression, rule)),
    ...natFlags(expression),
  }
  return { [String(type)]: orNull(says) }
}

function sayLocalNat(name: string): Say {
  return (expression, rule) => ({ [name]: orNull({ ...sayPorts(expression, rule), ...natFlags(expression) }) })
}

const defaultLevel = 'warn'

function sayLog({ prefix, level, group, snaplen, queueThreshold }: ExpressionRecord): Json {
  return {
    log: orNull({
      ...(prefix !== undefined && { prefix }),
      ...(level !== undefined && level !== defaultLevel && group === undefined && { level }),
      ...(group !== undefined && { group }),
      ...(snaplen !== undefined && snaplen !== 0 && { snaplen }),
      ...(queueThreshold !== undefined && queueThreshold !== 0 && { 'queue-threshold': queueThreshold }),
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

function sayReject({ type, code }: ExpressionRecord, rule: StatementSurroundings): Json {
  if (type === 'tcp reset') {
    if (rule.family === 'ip' || rule.family === 'ip6') rule.implyTransport()
    return { reject: { type } }
  }
  if (type === 'icmp') rule.implyNetwork()
  const kind = type === 'icmp' && rule.family === 'ip6' ? 'icmpv6' : String(type)
  return { reject: { type: kind, expr: dataType(`${kind}_code`).format(Uint8Array.of(Number(code)), rule.interfaces) } }
}

const rows: Readonly<Record<string, Say>> = {
  immediate: ({ verdict, chain }) => sayVerdict(verdict, chain),
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

/** Says an expression that is a statement by itself; of one that netprim does not know, its name. */
export function sayStatement(expression: ExpressionRecord, rule: StatementSurroundings): Json {
  const row = Object.hasOwn(rows, expression.name) ? rows[expression.name] : undefined
  return row === undefined ? { unknown: expression.name } : row(expression, rule)
}
