/** The options of links: types, checks, and the way from an option to the member of the record that the addon encodes. */
import type { NativeRecord } from '../native.js'
import { netnsHandle, type Netns } from '../netns.js'
import { randomHex, randomMac } from '../random.js'
import {
  abortSignal,
  arrayOf,
  boolean,
  cidr,
  integer,
  ip,
  linkName,
  mac,
  nullable,
  oneOf,
  port,
  required,
  text,
  u16,
  u32,
  u8,
  type Checks,
} from '../validate.js'
import { linkReference, type LinkReference } from '../link-record.js'

/** What can be said of a link at its creation and later. */
export interface LinkSettings {
  /** Name: 1 to 15 bytes without '/', ':' or white space. The default at creation is the kind with a random number. */
  readonly name?: string
  /** Largest packet in bytes. The default is the kind's own, 1500 for most. */
  readonly mtu?: number
  /** Unicast link-layer address. The default at creation is a random, locally administered one. */
  readonly mac?: string
  /** Administratively up. The default at creation is false. */
  readonly up?: boolean
  /** The bridge (or other master) to be a port of; null for none. */
  readonly master?: LinkReference | null
  /** Number that several links can be addressed by together. The default is 0, the group of all links. */
  readonly group?: number
  /** Free text of at most 254 bytes that `ip link` shows (ifalias). */
  readonly alias?: string
  /** Packets that may wait for sending. */
  readonly txQueueLength?: number
  /** Take packets for every address. */
  readonly promisc?: boolean
  /** Take packets for every multicast address. */
  readonly allmulticast?: boolean
}

/** Where an operation takes place, and how it is called off. */
export interface InNetns {
  /** Namespace. The default is that of the calling thread. */
  readonly netns?: Netns
  /** Calls the operation off while it has not been sent; what has been sent takes effect all the same. */
  readonly signal?: AbortSignal
}

/** What is said when a link is made, beside its settings. */
export interface LinkCreation extends InNetns, Pick<BridgePortSettings, 'hairpin' | 'isolated'> {
  /** Addresses with the lengths of their prefixes, as `'10.0.0.1/24'`. */
  readonly addresses?: readonly string[]
  /** Queues for sending and as many for receiving. The default is 1 for a veth (the kernel's own would be one for each CPU), else the kind's. */
  readonly queues?: number
  /** The link below, for kinds that have one, as macvlan. */
  readonly parent?: LinkReference
}

/** Settings of a link as a port of a bridge (bridge(8), `ip link set type bridge_slave`). */
export interface BridgePortSettings {
  /** Send a frame back through the port it came from. */
  readonly hairpin?: boolean
  /** Speak only with ports that are not isolated. */
  readonly isolated?: boolean
  /** Learn which addresses are behind the port. The kernel's default is true, as for the next three. */
  readonly learning?: boolean
  /** Send unicast frames of unknown address to the port. */
  readonly flood?: boolean
  /** Send multicast frames of unknown group to the port. */
  readonly mcastFlood?: boolean
  /** Send broadcast frames to the port. */
  readonly bcastFlood?: boolean
  /** Answer ARP and NDP for the port from the bridge's own knowledge. */
  readonly neighSuppress?: boolean
  /** Take no STP packets from the port. */
  readonly guard?: boolean
  /** Never let the port become the way to the STP root. */
  readonly rootBlock?: boolean
  /** End a multicast group at the first leave message. */
  readonly fastleave?: boolean
  /** Take frames only from addresses that are known at the port. */
  readonly locked?: boolean
  /** STP cost of the port, 1 to 65535. */
  readonly cost?: number
  /** STP priority of the port, 0 to 63. */
  readonly priority?: number
  /** STP state. The bridge sets it by itself unless STP is left to a program. */
  readonly state?: 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking'
}

/** What is particular to each kind (linux/if_link.h, ip-link(8)). */
export interface KindOptions {
  /** A bridge; times in hundredths of a second (IFLA_BR_…, bridge(8)). */
  bridge: {
    /** Hundredths of a second, as are the other times. The kernel's default is 1500. */
    readonly forwardDelay?: number
    readonly helloTime?: number
    readonly maxAge?: number
    readonly ageingTime?: number
    /** 0 off (the default), 1 in the kernel, 2 by a program. */
    readonly stpState?: number
    readonly priority?: number
    readonly vlanFiltering?: boolean
    readonly vlanDefaultPvid?: number
    readonly groupFwdMask?: number
    readonly mcastSnooping?: boolean
    readonly mcastQuerier?: boolean
    readonly nfCallIptables?: boolean
    readonly nfCallIp6tables?: boolean
    readonly nfCallArptables?: boolean
  }
  /** A link with an address of its own on the `parent` (IFLA_MACVLAN_…). */
  macvlan: { readonly mode?: 'private' | 'vepa' | 'bridge' | 'passthru' }
  /** A tunnel of Ethernet frames in UDP (IFLA_VXLAN_…). */
  vxlan: {
    /** VXLAN network identifier, 0 to 16777215. */
    readonly id?: number
    readonly remote?: string
    readonly local?: string
    /** Link to send through. */
    readonly dev?: LinkReference
    readonly ttl?: number
    readonly tos?: number
    readonly learning?: boolean
    /** Seconds. */
    readonly ageing?: number
    /** UDP port. The kernel's default is 8472; the assigned one is 4789. */
    readonly port?: number
  }
}

/** Options of a kind, by its kernel name; a kind that netprim knows no particulars of has none. What they are of a kind that is any string, the types cannot say. */
export type OptionsOfKind<Kind extends string> = string extends Kind
  ? Readonly<Record<string, unknown>>
  : Kind extends keyof KindOptions
    ? KindOptions[Kind]
    : unknown

export const settingChecks: Checks = {
  name: linkName,
  mtu: integer(0, 0x7fff_ffff),
  mac,
  up: boolean,
  master: nullable(linkReference),
  group: u32,
  alias: text(254),
  txQueueLength: u32,
  promisc: boolean,
  allmulticast: boolean,
}

/** What the kernel takes for the MTU of an Ethernet link that is none in hardware; its own refusal of others says nothing. */
export const etherMtu = integer(68, 65535)

export const inNetnsChecks: Checks = { netns: netnsHandle, signal: abortSignal }

export const bridgePortChecks: Checks = {
  hairpin: boolean,
  isolated: boolean,
  learning: boolean,
  flood: boolean,
  mcastFlood: boolean,
  bcastFlood: boolean,
  neighSuppress: boolean,
  guard: boolean,
  rootBlock: boolean,
  fastleave: boolean,
  locked: boolean,
  cost: integer(1, 0xffff),
  priority: integer(0, 63),
  state: oneOf('disabled', 'listening', 'learning', 'forwarding', 'blocking'),
}

const { hairpin, isolated } = bridgePortChecks

export const creationChecks = {
  ...settingChecks,
  ...inNetnsChecks,
  addresses: arrayOf(cidr),
  queues: integer(1, 4096),
  parent: linkReference,
  hairpin,
  isolated,
} as Checks

const kindChecks: Readonly<Record<string, Checks>> = {
  bridge: {
    forwardDelay: u32,
    helloTime: u32,
    maxAge: u32,
    ageingTime: u32,
    stpState: integer(0, 2),
    priority: u16,
    vlanFiltering: boolean,
    vlanDefaultPvid: integer(0, 4094),
    groupFwdMask: u16,
    mcastSnooping: boolean,
    mcastQuerier: boolean,
    nfCallIptables: boolean,
    nfCallIp6tables: boolean,
    nfCallArptables: boolean,
  },
  macvlan: { mode: oneOf('private', 'vepa', 'bridge', 'passthru') },
  vxlan: {
    id: integer(0, 0xff_ffff),
    remote: ip,
    local: ip,
    dev: linkReference,
    ttl: u8,
    tos: u8,
    learning: boolean,
    ageing: u32,
    port,
  },
}

const noChecks: Checks = {}

/** What is checked of a link of one kind. */
interface KindChecks {
  /** What is particular to the kind. */
  readonly particular: Checks
  /** All that a new one may be given, its kind among it. */
  readonly creation: Checks
  /** What it has as a port. */
  readonly port: Checks
  /** All that may be changed. */
  readonly change: Checks
}

const checks = new Map<Checks, KindChecks>()

/** The checks for a kind, whether netprim knows it or not; put together once, for that takes longer than to make use of them. */
export function checksOfKind(kind: string): KindChecks {
  const particular = (Object.hasOwn(kindChecks, kind) ? kindChecks[kind] : undefined) ?? noChecks
  const known = checks.get(particular)
  if (known !== undefined) return known
  // A word that is both a port's and the kind's own ('priority' of a bridge) means the kind's.
  const port = Object.fromEntries(Object.entries(bridgePortChecks).filter(([key]) => !Object.hasOwn(particular, key)))
  const made = {
    particular,
    creation: { ...creationChecks, ...particular, kind: required(text(15)) },
    port,
    change: { ...settingChecks, ...inNetnsChecks, ...port, ...particular },
  }
  checks.set(particular, made)
  return made
}

/** Kinds whose links have an Ethernet address, and so are given a random one when none is asked for. */
const ethernetKinds = new Set(['bridge', 'dummy', 'ifb', 'macvlan', 'veth', 'vxlan'])

/** The name that a new link of this kind is given if none is asked for: one that is known without asking the kernel. */
export function defaultName(kind: string): string {
  // Of no kind are there as many as of veths; and behind the name there shall be room for the label of an address.
  return `${kind.slice(0, 8)}${randomHex(kind.length > 4 ? 3 : 4)}`
}

/** The address that a new link of this kind is given if none is asked for. */
export function defaultMac(kind: string): string | undefined {
  return ethernetKinds.has(kind) ? randomMac() : undefined
}

/** Picks the members that have a check of this name. */
export function pick(options: object, checks: Checks): Record<string, unknown> | undefined {
  let picked: Record<string, unknown> | undefined
  for (const key of Object.keys(options)) {
    const value = (options as NativeRecord)[key]
    if (value !== undefined && Object.hasOwn(checks, key)) (picked ??= {})[key] = value
  }
  return picked
}

/** The record for what every link has. The master is an index here: a name has been looked up. */
export function settingsRecord(settings: LinkSettings, master: number | undefined): Record<string, unknown> {
  const record = pick(settings, settingChecks) ?? {}
  record['master'] = master
  return record
}

/** The part of a record that is about the link as a port of a bridge. */
export function portRecord(settings: NativeRecord | undefined): NativeRecord {
  return settings === undefined ? {} : { portKind: 'bridge', port: settings }
}
