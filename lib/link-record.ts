/** What the kernel says of a link, and how a link is found by what a caller calls it. */
import { taken, type Begin } from './codec/decode.js'
import { decodeLinks as decode, encodeGetLink } from './codec/messages.js'
import type { Values } from './codec/table.js'
import type { NativeRecord } from './native.js'
import type { Netns } from './netns.js'
import type { Request } from './tour.js'
import { index, invalidArgType, invalidArgValue, linkOrAltname, type Check } from './validate.js'

/** How an option says which link is meant: a link, its name, or its interface index. */
export type LinkReference = { readonly index: number; readonly netns?: Netns } | string | number

/** State of a link as the kernel reported it (rtnetlink(7), linux/if_link.h). */
export interface LinkRecord {
  /** Interface index: what the kernel knows the link by. */
  readonly index: number
  /** Name, 1 to 15 bytes. */
  readonly name: string
  /** Other names that the link can be found by. */
  readonly altnames?: readonly string[]
  /** Kernel name of the kind, as `'veth'`; absent for what is no virtual link, and for `lo`. */
  readonly kind?: string
  /** Link-layer address, as `'02:00:00:00:00:01'`. */
  readonly mac?: string
  /** Link-layer address of all, as `'ff:ff:ff:ff:ff:ff'`. */
  readonly broadcast?: string
  /** Largest packet in bytes, without the link-layer header. */
  readonly mtu: number
  /** Administratively up. */
  readonly up: boolean
  /** The layer below is up too: there is a carrier. */
  readonly lowerUp: boolean
  /** It is `lo`. */
  readonly loopback: boolean
  /** It takes packets for every address. */
  readonly promisc: boolean
  /** It takes packets for every multicast address. */
  readonly allmulticast: boolean
  /** Operational state of RFC 2863. */
  readonly operstate?: 'unknown' | 'notpresent' | 'down' | 'lowerlayerdown' | 'testing' | 'dormant' | 'up'
  /** Interface index of the bridge (or other master) that the link is a port of. */
  readonly master?: number
  /** Interface index of the link below this one; for a veth, of its peer. */
  readonly parent?: number
  /** Id of the namespace that `parent` lies in, if that is another one. */
  readonly linkNetnsid?: number
  /** Number that several links can be addressed by together. */
  readonly group?: number
  /** Free text (ifalias). */
  readonly alias?: string
  /** Packets that may wait for sending. */
  readonly txQueueLength?: number
  /** Queues for sending. */
  readonly numTxQueues?: number
  /** Queues for receiving. */
  readonly numRxQueues?: number
  /** What is particular to the kind, as a bridge's `ageingTime`. */
  readonly data?: Readonly<Record<string, unknown>>
  /** Kind of the master, if the link is a port. */
  readonly portKind?: string
  /** Settings as a port of its master, as `isolated`. */
  readonly port?: Readonly<Record<string, unknown>>
}

type Slots = Readonly<Record<keyof LinkRecord, number>>

/** With all that every link has at once. V8 would enlarge the record again and again, and keep it as a hash table in the end. */
function beginLink(values: Values, at: Slots): Record<string, unknown> {
  return {
    index: taken(values, at.index),
    name: taken(values, at.name),
    mtu: taken(values, at.mtu),
    up: taken(values, at.up),
    lowerUp: taken(values, at.lowerUp),
    loopback: taken(values, at.loopback),
    promisc: taken(values, at.promisc),
    allmulticast: taken(values, at.allmulticast),
    operstate: taken(values, at.operstate),
    group: taken(values, at.group),
    txQueueLength: taken(values, at.txQueueLength),
    numTxQueues: taken(values, at.numTxQueues),
    numRxQueues: taken(values, at.numRxQueues),
  }
}

/** Begins the records of links whose master is known, and not among what the kernel tells. */
function withMaster(master: number): Begin<keyof LinkRecord> {
  return (values, at) => {
    values[at.master] = master
    return beginLink(values, at)
  }
}

/**
 * The links among the messages of a reply.
 *
 * @param master - that of all of them, where the reply does not say it
 */
export function decodeLinks(reply: Uint8Array, master?: number): LinkRecord[] {
  return decode(reply, master === undefined ? beginLink : withMaster(master)) as unknown as LinkRecord[]
}

/** A link, its name or its index. */
export const linkReference: Check = (option, value) => {
  if (typeof value === 'string') linkOrAltname(option, value)
  else if (typeof value === 'number') index(option, value)
  else if (typeof value !== 'object' || value === null || typeof (value as { index?: unknown }).index !== 'number') {
    throw invalidArgType(option, 'a Link, the name of a link, or an interface index', value)
  } else index(option, (value as { index: number }).index)
}

/** What is asked for on whose behalf, for the error if it isn't there. */
export interface Asking {
  readonly operation: string
  readonly signal?: AbortSignal | undefined
}

/** What a link is asked for with: its statistics are most of a link message's bytes. */
export const withoutStatistics = ['skipStats'] as const

/** IFNAMSIZ without the NUL: an attribute with more would be refused. */
const longestName = 15

function asked(reference: string | number): NativeRecord {
  if (typeof reference === 'number') return { index: reference, extMask: withoutStatistics }
  return Buffer.byteLength(reference) > longestName
    ? { altname: reference, extMask: withoutStatistics }
    : { name: reference, extMask: withoutStatistics }
}

/** What reads one link. */
export function linkRequest(reference: string | number, { operation, signal }: Asking): Request {
  const purpose = { syscall: 'RTM_GETLINK', operation, signal, target: String(reference) }
  return { message: encodeGetLink(asked(reference)), purpose }
}

/** Reads one link. */
export async function readLink(netns: Netns, reference: string | number, asking: Asking): Promise<LinkRecord> {
  const { message, purpose } = linkRequest(reference, asking)
  return linkIn(await netns.route.request(message, purpose))
}

/** The link that a {@link linkRequest} was answered with. */
export function linkIn(reply: Uint8Array): LinkRecord {
  const [found] = decodeLinks(reply)
  if (found === undefined) throw new Error('RTM_GETLINK was answered without a link')
  return found
}

/** The interface index of a link; only a name has to be looked up. */
export async function indexOf(netns: Netns, reference: LinkReference, asking: Asking): Promise<number> {
  return typeof reference === 'string' ? (await readLink(netns, reference, asking)).index : knownIndex(netns, reference)
}

/** The index of a link that is not called by its name. */
export function knownIndex(netns: Netns, reference: Exclude<LinkReference, string>): number {
  if (typeof reference === 'number') return reference
  // An index of another namespace may well be another link's here.
  if (reference.netns !== undefined && reference.netns.inode !== netns.inode) {
    throw invalidArgValue('link', 'a link in the same namespace', reference)
  }
  return reference.index
}
