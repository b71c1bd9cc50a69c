/** Checks what callers pass in, before anything has happened; each complaint names the option, what is expected and what came. */
import { isIPv4, isIPv6 } from 'node:net'
import { inspect } from 'node:util'
import { closest, distance } from 'fastest-levenshtein'

function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity })
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** A value of the wrong type. */
export function invalidArgType(option: string, expected: string, value: unknown): TypeError {
  const message = `The option '${option}' must be ${expected}. Received ${shown(value)}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
}

/** A value of the right type that says nothing sensible. */
export function invalidArgValue(option: string, expected: string, value: unknown): TypeError {
  const message = `The option '${option}' must be ${expected}. Received ${shown(value)}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** A number, or a length, outside of its range. */
export function outOfRange(option: string, expected: string, value: unknown): RangeError {
  const message = `The option '${option}' must be ${expected}. Received ${shown(value)}`
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
}

/** Throws if the value is not what the option of this name may be. */
export type Check = (option: string, value: unknown) => void

/** The options that something takes; each is optional unless it is wrapped in {@link required}. */
export type Checks = Readonly<Record<string, Check>>

const requiredChecks = new WeakSet<Check>()

/** The option must be there. */
export function required(check: Check): Check {
  const strict: Check = (option, value) => {
    check(option, value)
  }
  requiredChecks.add(strict)
  return strict
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknownOption(path: string, key: string, known: readonly string[]): TypeError {
  const nearest = known.length === 0 ? undefined : closest(key, known)
  const hint = nearest !== undefined && distance(key, nearest) <= 3 ? `; did you mean '${nearest}'?` : ''
  const message = `Unknown option '${path}${key}'${hint}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** Checks an options object whole. `name` is what it is called where it stands ('options', 'peer'), `path` what its keys begin with. */
export function checkOptions(options: unknown, checks: Checks, name = 'options', path = ''): void {
  if (!isRecord(options)) throw invalidArgType(name, 'an object', options)
  const keys = Object.keys(options)
  for (const key of keys) if (!Object.hasOwn(checks, key)) throw unknownOption(path, key, Object.keys(checks))
  for (const key of keys) {
    const value = options[key]
    if (value !== undefined) checks[key]?.(path + key, value)
  }
  for (const key of requiredOf(checks)) if (options[key] === undefined) checks[key]?.(path + key, undefined)
}

const requiredOptions = new WeakMap<Checks, readonly string[]>()

function requiredOf(checks: Checks): readonly string[] {
  const known = requiredOptions.get(checks)
  if (known !== undefined) return known
  const names = Object.keys(checks).filter((key) => checks[key] !== undefined && requiredChecks.has(checks[key]))
  requiredOptions.set(checks, names)
  return names
}

/** Checks one of the records that were given alone or in a list: the keys of one in a list are named 'addresses[1].label'. */
export function checkListed(options: unknown, checks: Checks, noun: string, list: readonly unknown[], at: number): void {
  const place = noun.endsWith('s') ? `${noun}es[${at}]` : `${noun}s[${at}]`
  if (list.length === 1) checkOptions(options, checks, noun)
  else checkOptions(options, checks, place, `${place}.`)
}

/** An object inside an object: its keys are named 'peer.mtu'. */
export function record(checks: Checks): Check {
  return (option, value) => {
    checkOptions(value, checks, option, `${option}.`)
  }
}

/** One value, or null for none. */
export function nullable(check: Check): Check {
  return (option, value) => {
    if (value !== null) check(option, value)
  }
}

/** An array, each of whose elements is checked as 'option[0]'. */
export function arrayOf(check: Check): Check {
  return (option, value) => {
    if (!Array.isArray(value)) throw invalidArgType(option, 'an array', value)
    value.forEach((element: unknown, index) => {
      check(`${option}[${index}]`, element)
    })
  }
}

/** One of the words. */
export function oneOf(...words: readonly string[]): Check {
  return (option, value) => {
    if (typeof value !== 'string') throw invalidArgType(option, 'a string', value)
    if (!words.includes(value)) throw invalidArgValue(option, `one of ${words.map((word) => `'${word}'`).join(', ')}`, value)
  }
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Check {
  return (option, value) => {
    if (typeof value !== 'number') throw invalidArgType(option, 'a number', value)
    if (!Number.isInteger(value) || value < min || value > max) {
      throw outOfRange(option, `a whole number from ${min} to ${max}`, value)
    }
  }
}

export const u8 = integer(0, 0xff)
export const u16 = integer(0, 0xffff)
export const u32 = integer(0, 0xffff_ffff)

/** An interface index. */
export const index = integer(1, 0x7fff_ffff)

/** A TCP or UDP port. */
export const port = integer(1, 0xffff)

export const boolean: Check = (option, value) => {
  if (typeof value !== 'boolean') throw invalidArgType(option, 'a boolean', value)
}

/** Text of at most `maxBytes` bytes in UTF-8, without NUL. */
export function text(maxBytes: number): Check {
  return (option, value) => {
    if (typeof value !== 'string') throw invalidArgType(option, 'a string', value)
    if (value.includes('\0')) throw invalidArgValue(option, 'text without NUL', value)
    if (Buffer.byteLength(value) > maxBytes) throw outOfRange(option, `at most ${maxBytes} bytes long`, value)
  }
}

function nameOfLink(maxBytes: number): Check {
  const shortText = text(maxBytes)
  return (option, value) => {
    shortText(option, value)
    if (value === '' || value === '.' || value === '..' || /[/:%\s\x85\xa0]/.test(value as string)) {
      throw invalidArgValue(option, `1 to ${maxBytes} bytes without '/', ':', '%' or white space, and not '.' or '..'`, value)
    }
  }
}

/** A name that the kernel takes for a link (dev_valid_name() in net/core/dev.c), and as it is: of '%d' it would make a number. */
export const linkName = nameOfLink(15)

/** A name that a link may be found by: its own, or one of its longer other names (ALTIFNAMSIZ in linux/if.h). */
export const linkOrAltname = nameOfLink(127)

/** A link-layer address of six bytes that a link may have: not a multicast one, and not all zero. */
export const mac: Check = (option, value) => {
  if (typeof value !== 'string') throw invalidArgType(option, 'a string', value)
  const expected = "a unicast MAC address as '02:00:00:00:00:01'"
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value) || value === '00:00:00:00:00:00') throw invalidArgValue(option, expected, value)
  if ((parseInt(value.slice(0, 2), 16) & 1) === 1) throw invalidArgValue(option, expected, value)
}

// A zone ('fe80::1%eth0') belongs to a socket address, not to an address.
const isIp = (value: string): boolean => isIPv4(value) || (isIPv6(value) && !value.includes('%'))

/** An IPv4 or IPv6 address. */
export const ip: Check = (option, value) => {
  if (typeof value !== 'string') throw invalidArgType(option, 'a string', value)
  if (!isIp(value)) throw invalidArgValue(option, "an IP address as '10.0.0.1' or 'fd00::1'", value)
}

/** An IPv4 address. */
export const ipv4: Check = (option, value) => {
  ip(option, value)
  if (!isIPv4(value as string)) throw invalidArgValue(option, "an IPv4 address as '10.0.0.1'", value)
}

/** An address, with or without the length of its prefix. */
export const cidr: Check = (option, value) => {
  if (typeof value !== 'string') throw invalidArgType(option, 'a string', value)
  if (!isCidr(value)) throw invalidArgValue(option, "an address as '10.0.0.1/24' or 'fd00::1/64'", value)
}

function isCidr(value: string): boolean {
  const slash = value.indexOf('/')
  if (slash === -1) return isIp(value)
  const { family, ip: address, prefixLength } = partsOf(value)
  return isIp(address) && /^\d{1,3}$/.test(value.slice(slash + 1)) && prefixLength <= bitsOf(family)
}

/** The family of an address that has been checked, with or without the length of its prefix. */
export function ipFamily(checked: string): 'ipv4' | 'ipv6' {
  return checked.includes(':') ? 'ipv6' : 'ipv4'
}

function bitsOf(family: 'ipv4' | 'ipv6'): number {
  return family === 'ipv4' ? 32 : 128
}

/** An address and the length of its prefix. */
export interface Cidr {
  readonly family: 'ipv4' | 'ipv6'
  readonly ip: string
  readonly prefixLength: number
}

/** Takes apart '10.0.0.1/24', which has been checked; without a length, the whole address is the prefix. */
export function partsOf(checked: string): Cidr {
  const family = ipFamily(checked)
  const slash = checked.indexOf('/')
  if (slash === -1) return { family, ip: checked, prefixLength: bitsOf(family) }
  return { family, ip: checked.slice(0, slash), prefixLength: Number(checked.slice(slash + 1)) }
}

/** An AbortSignal. */
export const abortSignal: Check = (option, value) => {
  if (!(value instanceof AbortSignal)) throw invalidArgType(option, 'an AbortSignal', value)
}

/** What every call takes. */
export const callChecks: Checks = { signal: abortSignal }
