/** What a route is: the options of one, the record of one, which ones to list, and the checks of all these. */
import { linkReference, type LinkReference } from './link-record.js'
import {
  abortSignal,
  arrayOf,
  checkOptions,
  cidr,
  integer,
  ip,
  oneOf,
  outOfRange,
  required,
  u32,
  u8,
  type Check,
  type Checks,
} from './validate.js'

const types = ['unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw'] as const
const scopes = ['global', 'site', 'link', 'host', 'nowhere'] as const
const protocols = ['redirect', 'kernel', 'boot', 'static', 'ra', 'dhcp', 'bird', 'zebra'] as const
const tables = ['default', 'main', 'local'] as const
/** Flags that a caller may set; the others are the kernel's to report. */
export const settableFlags = ['onlink', 'pervasive'] as const
export const flagWords = [...settableFlags, 'dead', 'offload', 'linkdown', 'cloned'] as const

/** What a route does with a packet (RTN_…). */
export type RouteType = (typeof types)[number]
/** How far a route's destination is (RT_SCOPE_…). */
export type RouteScope = (typeof scopes)[number]
/** Who made a route (RTPROT_…): a word, or a number of 8 bits. */
export type RouteProtocol = (typeof protocols)[number] | number
/** A routing table (RT_TABLE_…): a word, or a number of 32 bits. */
export type RouteTable = (typeof tables)[number] | number
/** A flag of a route or of one of its ways (RTNH_F_…). */
export type RouteFlag = (typeof flagWords)[number]

/** One of the ways of a route that has several. */
export interface Nexthop {
  /** Gateway. */
  readonly via?: string
  /** Link to send through. */
  readonly link?: LinkReference
  /** Share of the traffic, 1 to 256. */
  readonly weight?: number
  /** Words for RTNH_F_…. */
  readonly flags?: readonly RouteFlag[]
}

/** A route to be added or deleted; when it is deleted, what is absent matches anything. */
export interface RouteOptions {
  /** Destination: `'default'`, `'10.1.0.0/16'` or an address. */
  readonly to: string
  /** Gateway, of the destination's family. */
  readonly via?: string
  /** Link to send through. */
  readonly link?: LinkReference
  /** Of several routes to the same destination, the one with the lowest metric is taken. */
  readonly metric?: number
  /** Routing table. The default is `'main'`. */
  readonly table?: RouteTable
  /** Source address for what this host itself sends. */
  readonly src?: string
  /** The default is `'unicast'`. */
  readonly type?: RouteType
  /** The default is `'link'` for a unicast route without gateway, `'host'` for a local one, else `'global'`. */
  readonly scope?: RouteScope
  /** Who made the route. The default is `'boot'`, as `ip route add` has it. */
  readonly protocol?: RouteProtocol
  /** Words for RTNH_F_…: `'onlink'` takes the gateway to be at the link though no route says so. */
  readonly flags?: readonly RouteFlag[]
  /** IPv4 type of service that the route is for, 0 to 255. */
  readonly tos?: number
  /** Several ways instead of one. */
  readonly nexthops?: readonly Nexthop[]
  /** Path MTU in bytes. */
  readonly mtu?: number
  /** Segment size in bytes that TCP announces. */
  readonly advmss?: number
  /** Hop limit of what is sent, 0 to 255. */
  readonly hoplimit?: number
  /** Initial congestion window of TCP, in segments. */
  readonly initcwnd?: number
  /** Initial receive window of TCP, in segments. */
  readonly initrwnd?: number
  /** Family of `to: 'default'` without a gateway. The default is `'ipv4'`. */
  readonly family?: 'ipv4' | 'ipv6'
}

/** A route as the kernel lists it; `link` is an interface index. */
export interface RouteRecord extends Omit<RouteOptions, 'link' | 'nexthops'> {
  readonly family: 'ipv4' | 'ipv6'
  /** Interface index. */
  readonly link?: number
  readonly table: RouteTable
  readonly type: RouteType
  readonly scope: RouteScope
  readonly protocol: RouteProtocol
  /** The ways of a route that has several. */
  readonly nexthops?: readonly (Omit<Nexthop, 'link'> & { readonly link: number })[]
}

/** Which routes to list; all that are given must fit. */
export interface RouteFilter {
  /** Of this family. The default is both. */
  readonly family?: 'ipv4' | 'ipv6'
  /** The default is `'main'`, as for `ip route`; `'all'` for every table. */
  readonly table?: RouteTable | 'all'
  /** Through this link. */
  readonly link?: LinkReference
  /** Calls the listing off while it has not been sent. */
  readonly signal?: AbortSignal
}

/** From where {@link Routes.get} asks. */
export interface RouteQuery {
  /** Source address. */
  readonly from?: string
  /** Link that the packet came in by; without, it is this host's own. */
  readonly iif?: LinkReference
  /** Link that the packet has to leave by. */
  readonly oif?: LinkReference
  /** Firewall mark. */
  readonly mark?: number
  /** Calls the question off while it has not been sent. */
  readonly signal?: AbortSignal
}

const destination: Check = (option, value) => {
  if (value !== 'default') cidr(option, value)
}

function wordOrNumber(words: readonly string[], number: Check): Check {
  const word = oneOf(...words)
  return (option, value) => {
    if (typeof value === 'number') number(option, value)
    else word(option, value)
  }
}

const familyWord = oneOf('ipv4', 'ipv6')
const flags = arrayOf(oneOf(...flagWords))

/** As many as fit into one attribute, with room to spare. */
const maxNexthops = 1024

function nexthopList(check: Check): Check {
  return (option, value) => {
    arrayOf(check)(option, value)
    if ((value as unknown[]).length > maxNexthops) throw outOfRange(option, `at most ${maxNexthops} long`, (value as unknown[]).length)
  }
}

const nexthopChecks: Checks = { via: ip, link: linkReference, weight: integer(1, 256), flags }

export const routeChecks: Checks = {
  to: required(destination),
  via: ip,
  link: linkReference,
  metric: u32,
  table: wordOrNumber(tables, integer(1, 0xffff_ffff)),
  src: ip,
  type: oneOf(...types),
  scope: oneOf(...scopes),
  protocol: wordOrNumber(protocols, u8),
  flags,
  tos: u8,
  nexthops: nexthopList((option, value) => {
    checkOptions(value, nexthopChecks, option, `${option}.`)
  }),
  mtu: u32,
  advmss: u32,
  hoplimit: integer(0, 255),
  initcwnd: u32,
  initrwnd: u32,
  family: familyWord,
}

export const routeFilterChecks: Checks = {
  family: familyWord,
  table: wordOrNumber([...tables, 'all'], integer(1, 0xffff_ffff)),
  link: linkReference,
  signal: abortSignal,
}
export const routeQueryChecks: Checks = { from: ip, iif: linkReference, oif: linkReference, mark: u32, signal: abortSignal }
