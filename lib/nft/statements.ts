/** Statements of a rule: from JSON to expressions. A new statement is a row of the table at the end. */
import { invalidArgType, invalidArgValue } from '../validate.js'
import { padded } from './bytes.js'
import { RuleContext, type RuleSurroundings } from './compile-context.js'
import { dataType, sizeOf, type DataType } from './datatypes.js'
import { parseCounter, parseVerdict, plainVerdicts } from './elements.js'
import { asArray, asInteger, asObject, asText, asWord, isObject, listOf, objectOf, onlyMember, type Json } from './json.js'
import { compileMatch, keysFor, loadKey, setReference } from './match.js'
import { mergePayloads } from './merge.js'
import type { ExpressionRecord } from './records.js'
import { loadOperand, parseOperand } from './operand.js'
import type { SetShape } from './set-shape.js'
import { isSingle, parseSpan } from './span.js'

type Compile = (value: unknown, at: string, context: RuleContext) => void

function verdict(name: string): Compile {
  return (value, at, context) => context.emit({ name: 'immediate', dreg: 'verdict', ...parseVerdict({ [name]: value }, at) })
}

/** The map of a look-up: a named one, or an anonymous one whose values have these types. */
function findMap(map: Json, keyAt: string, data: SetShape['data'], at: string, context: RuleContext): SetShape {
  const operand = parseOperand(map.key, keyAt, context)
  const { data: source } = map
  if (typeof source === 'string' && source.startsWith('@')) {
    const shape = context.findSet(source.slice(1), `${at}.data`)
    if (shape.data === undefined) throw invalidArgValue(`${at}.data`, 'a map, which this set is not', source)
    return shape
  }
  if (!isObject(source) || !('set' in source)) throw invalidArgType(`${at}.data`, "'@name' or { set: [ [key, value], … ] }", source)
  const elements = listOf(source.set)
  const keys = keysFor(operand, elements, `${at}.data.set`)
  return context.declareAnonymous({ ...keys, data: data ?? [] }, elements, `${at}.data.set`)
}

/** Looks a key up, and leaves what was found in the registers from the first one on. */
function compileMap(value: unknown, data: SetShape['data'], at: string, context: RuleContext): SetShape {
  const map = objectOf(value, ['key', 'data'], at)
  const shape = findMap(map, `${at}.key`, data, at, context)
  loadKey(parseOperand(map.key, `${at}.key`, context), shape, `${at}.key`, context)
  context.emit({ name: 'lookup', sreg: 0, dreg: shape.data === 'verdict' ? 'verdict' : 0, ...setReference(shape) })
  return shape
}

function compileVmap(value: unknown, at: string, context: RuleContext): void {
  const shape = compileMap(value, 'verdict', at, context)
  if (shape.data !== 'verdict') throw invalidArgValue(`${at}.data`, `a map of verdicts, which ${shape.name} is not`, shape.name)
}

const writable: Readonly<Record<string, readonly string[]>> = {
  meta: ['mark', 'priority', 'pkttype', 'nftrace'],
  ct: ['mark', 'zone', 'event'],
}

function compileMangle(value: unknown, at: string, context: RuleContext): void {
  const { key, value: source } = objectOf(value, ['key', 'value'], at)
  const [kind, inner] = onlyMember(key, `${at}.key`, '{ meta: { key } } or { ct: { key } }')
  const words = writable[kind]
  if (words === undefined) throw invalidArgValue(`${at}.key`, '{ meta: { key } } or { ct: { key } }', key)
  const { key: name, dir } = asObject(inner, `${at}.key.${kind}`)
  const word = asWord(name, words, `${at}.key.${kind}.key`)
  const [type] = parseOperand(key, `${at}.key`, context).types
  if (type === undefined) throw invalidArgValue(`${at}.key`, 'one field', key)
  loadValue(source, type, `${at}.value`, context)
  context.emit({ name: kind, key: word, ...(dir !== undefined && { dir }), sreg: 0 })
}

/** Puts a value of this type into the first registers: a constant, another field, or what a map gives. */
function loadValue(source: unknown, type: DataType, at: string, context: RuleContext): void {
  if (!isObject(source)) {
    context.emit({ name: 'immediate', dreg: 0, data: type.parse(source, at, context.interfaces) })
    return
  }
  if ('map' in source) {
    compileMap(source.map, [type], `${at}.map`, context)
    return
  }
  const operand = parseOperand(source, at, context)
  if (operand.types.length > 1 || operand.types.some((each) => sizeOf(each) !== sizeOf(type)))
    throw invalidArgValue(at, `a value of ${type.name}`, source)
  loadOperand(operand, 0, at, context)
}

const natFlags = ['random', 'fully-random', 'persistent'] as const
/** What NAT takes out of registers begins at every fourth, as nft has it. */
const slotsApart = 4

/** Registers of NAT expressions; each constant goes into the next. */
class NatRegisters {
  readonly fields: Record<string, unknown> = {}
  #next = 0

  constructor(readonly context: RuleContext) {}

  /** Loads a value, or both ends of a range. */
  loadSpan(name: string, value: unknown, type: DataType, at: string): void {
    const span = parseSpan(value, type, at, this.context.interfaces)
    this.#load(`${name}Min`, span.from)
    if (!isSingle(span)) this.#load(`${name}Max`, span.to)
  }

  #load(field: string, data: Uint8Array): void {
    this.context.emit({ name: 'immediate', dreg: this.#next, data })
    this.fields[field] = this.#next
    this.#next += slotsApart
  }
}

/** Flags take the place of those that the kernel would draw from the registers, so that of ports is told too. */
function parseNatFlags(value: unknown, hasPort: boolean, at: string): { readonly flags?: readonly string[] } {
  const words = value === undefined ? [] : listOf(value).map((flag, index) => asWord(flag, natFlags, `${at}.flags[${index}]`))
  const flags = [...(hasPort ? ['proto-specified'] : []), ...words]
  return flags.length === 0 ? {} : { flags }
}

function requirePorts(at: string, context: RuleContext): void {
  if (!context.hasTransport()) throw invalidArgValue(at, 'preceded by a match of the transport protocol, as on tcp dport', 'a port')
}

/** Masquerade and redirect: to an address of the machine itself. */
function localNat(name: 'masq' | 'redir'): Compile {
  return (value, at, context) => {
    const { port, flags } = value === null ? ({} as Json) : objectOf(value, ['port', 'flags'], at)
    const registers = new NatRegisters(context)
    if (port !== undefined) {
      requirePorts(`${at}.port`, context)
      registers.loadSpan('proto', port, dataType('inet_service'), `${at}.port`)
    }
    context.emit({ name, ...parseNatFlags(flags, port !== undefined, at), ...registers.fields })
  }
}

const natFamilies = { ip: 'ipv4', ip6: 'ipv6' } as const

function natFamily(family: unknown, hasAddress: boolean, at: string, context: RuleContext): 'ip' | 'ip6' | 'inet' {
  const own = context.family === 'ip' || context.family === 'ip6' ? context.family : undefined
  if (family !== undefined) return asWord(family, own === undefined ? ['ip', 'ip6'] : [own], `${at}.family`)
  if (own !== undefined) return own
  if (!hasAddress) return 'inet'
  if (context.network === undefined) throw invalidArgValue(`${at}.family`, "'ip' or 'ip6' in tables that have both", family)
  return context.network === 'ipv4' ? 'ip' : 'ip6'
}

function addressNat(type: 'dnat' | 'snat'): Compile {
  return (value, at, context) => {
    const { addr, port, flags, family } =
      value === null ? ({} as Json) : objectOf(value, ['family', 'addr', 'port', 'flags', 'type_flags'], at)
    const kind = natFamily(family, addr !== undefined, at, context)
    const registers = new NatRegisters(context)
    if (isObject(addr) && 'map' in addr && kind !== 'inet') {
      if (port !== undefined) throw invalidArgValue(`${at}.port`, 'left out: the map gives it', port)
      Object.assign(registers.fields, natMap(addr.map, kind, `${at}.addr.map`, context))
    } else if (addr !== undefined && kind !== 'inet') {
      registers.loadSpan('addr', addr, dataType(`${natFamilies[kind]}_addr`), `${at}.addr`)
    }
    if (port !== undefined) {
      requirePorts(`${at}.port`, context)
      registers.loadSpan('proto', port, dataType('inet_service'), `${at}.port`)
    }
    context.emit({ name: 'nat', type, family: kind, ...registers.fields, ...parseNatFlags(flags, port !== undefined, at) })
  }
}

/** Looks up an address, or an address and a port. */
function natMap(value: unknown, family: 'ip' | 'ip6', at: string, context: RuleContext): Record<string, unknown> {
  const address = dataType(`${natFamilies[family]}_addr`)
  const data = hasPorts(value) ? [address, dataType('inet_service')] : [address]
  const shape = compileMap(value, data, at, context)
  const [first, ...others] = shape.data === 'verdict' || shape.data === undefined ? [] : shape.data
  if (first?.name !== address.name || others.length > 1)
    throw invalidArgValue(`${at}.data`, `a map to ${address.name}, or ${address.name} . inet_service`, shape.name)
  return { addrMin: 0, ...(others.length === 1 && { protoMin: padded(sizeOf(address)) / 4 }) }
}

function hasPorts(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.data)) return false
  const [first] = listOf(value.data.set)
  return Array.isArray(first) && isObject(first[1]) && 'concat' in first[1]
}

const logLevels = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug', 'audit'] as const

/** What of a packet a log may say beside the usual; `'all'` stands for all of them. */
export const logFlags = ['tcp sequence', 'tcp options', 'ip options', 'skuid', 'ether'] as const

function parseLogFlags(value: unknown, at: string): readonly string[] {
  return value === 'all' ? logFlags : listOf(value).map((flag, index) => asWord(flag, logFlags, `${at}[${index}]`))
}

function compileLog(value: unknown, at: string, context: RuleContext): void {
  const {
    prefix,
    level,
    group,
    snaplen,
    'queue-threshold': threshold,
    flags,
  } = value === null ? ({} as Json) : objectOf(value, ['prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags'], at)
  context.emit({
    name: 'log',
    ...(prefix !== undefined && { prefix: asText(prefix, 127, `${at}.prefix`) }),
    ...(level !== undefined && { level: asWord(level, logLevels, `${at}.level`) }),
    ...(group !== undefined && { group: asInteger(group, 0, 0xffff, `${at}.group`) }),
    ...(snaplen !== undefined && { snaplen: asInteger(snaplen, 0, 0xffff_ffff, `${at}.snaplen`) }),
    ...(threshold !== undefined && { queueThreshold: asInteger(threshold, 0, 0xffff, `${at}.queue-threshold`) }),
    ...(flags !== undefined && { flags: parseLogFlags(flags, `${at}.flags`) }),
  })
}

/** Seconds of the units of time that a limit may be per. */
export const limitUnits = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const
/** Bytes of the units of size that a limit may count. */
export const limitSizes = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 } as const
const defaultBurst = 5

function compileLimit(value: unknown, at: string, context: RuleContext): void {
  const limit = objectOf(value, ['rate', 'per', 'burst', 'rate_unit', 'burst_unit', 'inv'], at)
  const unit =
    limit.rate_unit === undefined ? 'packets' : asWord(limit.rate_unit, ['packets', 'bytes', 'kbytes', 'mbytes'], `${at}.rate_unit`)
  const burstUnit = limit.burst_unit === undefined ? 'bytes' : asWord(limit.burst_unit, ['bytes', 'kbytes', 'mbytes'], `${at}.burst_unit`)
  const isPackets = unit === 'packets'
  const burst = asInteger(limit.burst ?? (isPackets ? defaultBurst : 0), 0, 0xffff_ffff, `${at}.burst`)
  context.emit({
    name: 'limit',
    rate: asInteger(limit.rate, 1, 0xffff_ffff, `${at}.rate`) * (isPackets ? 1 : limitSizes[unit]),
    unit: limitUnits[limit.per === undefined ? 'second' : asWord(limit.per, ['second', 'minute', 'hour', 'day', 'week'], `${at}.per`)],
    burst: isPackets ? burst : burst * limitSizes[burstUnit],
    type: isPackets ? 'packets' : 'bytes',
    flags: limit.inv === true ? ['inv'] : [],
  })
}

const rejectNetworks = { icmp: 'ipv4', icmpv6: 'ipv6', icmpx: undefined } as const

function compileReject(value: unknown, at: string, context: RuleContext): void {
  const { type, expr } = value === null ? ({} as Json) : objectOf(value, ['type', 'expr'], at)
  const natural =
    context.family === 'ip' || context.network === 'ipv4'
      ? 'icmp'
      : context.family === 'ip6' || context.network === 'ipv6'
        ? 'icmpv6'
        : 'icmpx'
  const kind = type === undefined ? natural : asWord(type, ['tcp reset', 'icmp', 'icmpv6', 'icmpx'], `${at}.type`)
  if (kind === 'tcp reset') {
    context.requireTransport('tcp', at)
    context.emit({ name: 'reject', type: 'tcp reset', code: 0 })
    return
  }
  const network = rejectNetworks[kind]
  if (network !== undefined) context.requireNetwork(network, at)
  const [code] = dataType(`${kind}_code`).parse(expr ?? 'port-unreachable', `${at}.expr`, context.interfaces)
  context.emit({ name: 'reject', type: kind === 'icmpx' ? 'icmpx' : 'icmp', code })
}

const statements: Readonly<Record<string, Compile>> = {
  ...Object.fromEntries([...plainVerdicts, 'jump', 'goto'].map((name) => [name, verdict(name)])),
  match: compileMatch,
  vmap: compileVmap,
  mangle: compileMangle,
  counter: (value, at, context) => context.emit({ name: 'counter', ...parseCounter(value, at) }),
  masquerade: localNat('masq'),
  redirect: localNat('redir'),
  dnat: addressNat('dnat'),
  snat: addressNat('snat'),
  log: compileLog,
  limit: compileLimit,
  reject: compileReject,
  notrack: (_, __, context) => context.emit({ name: 'notrack' }),
}

/** As many as the kernel takes in a rule. */
const maxExpressions = 128

/** Compiles the statements of a rule; `at` is their place. */
export function compileRule(value: unknown, at: string, surroundings: RuleSurroundings): readonly ExpressionRecord[] {
  const context = new RuleContext(surroundings)
  asArray(value, at).forEach((statement, index) => {
    const place = `${at}[${index}]`
    const [kind, inner] = onlyMember(statement, place, 'a statement as { match: … } or { accept: null }')
    const compile = Object.hasOwn(statements, kind) ? statements[kind] : undefined
    if (compile === undefined) throw invalidArgValue(place, `one of the statements ${Object.keys(statements).join(', ')}`, statement)
    compile(inner, kind in { jump: 0, goto: 0, accept: 0, drop: 0, continue: 0, return: 0 } ? place : `${place}.${kind}`, context)
  })
  const expressions = mergePayloads(context.expressions)
  if (expressions.length > maxExpressions)
    throw invalidArgValue(at, `shorter: a rule has at most ${maxExpressions} expressions`, expressions.length)
  return expressions
}
