/** Neighbours, which is what ARP and NDP have learned: plain records in, plain records out (rtnetlink(7), ip-neighbour(8)). */
import { decodeNeighbours, encodeDelNeighbour, encodeGetNeighbours, encodeNewNeighbour, encodeReplaceNeighbour } from './codec/messages.js'
import { indexOf, linkReference, type LinkReference } from './link-record.js'
import type { NativeRecord } from './native.js'
import { Netns } from './netns.js'
import { allAnswered, type CallOptions } from './socket.js'
import { abortSignal, arrayOf, callChecks, checkListed, checkOptions, ip, ipFamily, mac, oneOf, required, type Checks } from './validate.js'

const states = ['none', 'incomplete', 'reachable', 'stale', 'delay', 'probe', 'failed', 'noarp', 'permanent'] as const
const flagWords = ['use', 'self', 'master', 'proxy', 'extern_learn', 'offload', 'sticky', 'router'] as const

/** What is known of a neighbour (NUD_…). */
export type NeighbourState = (typeof states)[number]
/** A flag of a neighbour (NTF_…). */
export type NeighbourFlag = (typeof flagWords)[number]

/** A neighbour to be added or deleted. */
export interface NeighbourOptions {
  /** IP address. */
  readonly address: string
  /** The link that it is at. */
  readonly link: LinkReference
  /** Link-layer address. */
  readonly mac?: string
  /** The default is `'permanent'`. */
  readonly state?: NeighbourState
  /** Words for NTF_…. */
  readonly flags?: readonly NeighbourFlag[]
  /** Follows from the address; here so that what was listed can be added. */
  readonly family?: 'ipv4' | 'ipv6'
}

/** A neighbour as the kernel lists it. */
export interface NeighbourRecord {
  /** Family of the address. */
  readonly family: 'ipv4' | 'ipv6'
  /** IP address. */
  readonly address: string
  /** Interface index. */
  readonly link: number
  /** Link-layer address, once it is known. */
  readonly mac?: string
  /** What is known of it (NUD_…). */
  readonly state: NeighbourState
  /** Words for NTF_…. */
  readonly flags: readonly NeighbourFlag[]
}

/** Which neighbours to list; all that are given must fit. */
export interface NeighbourFilter {
  /** At this link. */
  readonly link?: LinkReference
  /** Of this family. */
  readonly family?: 'ipv4' | 'ipv6'
  /** Calls the listing off while it has not been sent. */
  readonly signal?: AbortSignal
}

const checks: Checks = {
  address: required(ip),
  link: required(linkReference),
  mac,
  state: oneOf(...states),
  flags: arrayOf(oneOf(...flagWords)),
  family: oneOf('ipv4', 'ipv6'),
}

const filterChecks: Checks = { link: linkReference, family: oneOf('ipv4', 'ipv6'), signal: abortSignal }

function fromRecord(record: NativeRecord): NeighbourRecord {
  const { index, flags, ...rest } = record
  return Object.freeze({ ...rest, link: index, flags }) as unknown as NeighbourRecord
}

/** The neighbours of a namespace. */
export class Neighbours {
  readonly #netns: Netns

  /** @internal */
  constructor(netns: Netns) {
    this.#netns = netns
  }

  /**
   * Adds one neighbour or several. Several are asked for together and are not undone when one of them is refused. Needs CAP_NET_ADMIN.
   *
   * @throws {@link NetprimError} EEXIST if it is there
   */
  async add(neighbours: NeighbourOptions | readonly NeighbourOptions[], options: CallOptions = {}): Promise<void> {
    await this.#send('neighbours.add', 'RTM_NEWNEIGH', encodeNewNeighbour, neighbours, options)
  }

  /** Adds neighbours, or changes those that are there. */
  async replace(neighbours: NeighbourOptions | readonly NeighbourOptions[], options: CallOptions = {}): Promise<void> {
    await this.#send('neighbours.replace', 'RTM_NEWNEIGH', encodeReplaceNeighbour, neighbours, options)
  }

  /**
   * Deletes one neighbour or several.
   *
   * @throws {@link NetprimError} ENOENT if it isn't there
   */
  async delete(neighbours: NeighbourOptions | readonly NeighbourOptions[], options: CallOptions = {}): Promise<void> {
    await this.#send('neighbours.delete', 'RTM_DELNEIGH', encodeDelNeighbour, neighbours, options)
  }

  /** Lists neighbours, without those that need none (`'noarp'`), as `ip neighbour` does; empty if there are none. */
  async list(filter: NeighbourFilter = {}): Promise<NeighbourRecord[]> {
    checkOptions(filter, filterChecks, 'filter')
    const { family, signal } = filter
    const asking = { operation: 'neighbours.list', signal }
    const link = filter.link === undefined ? undefined : await indexOf(this.#netns, filter.link, asking)
    const reply = await this.#netns.route.dump(encodeGetNeighbours({ family, link }), { syscall: 'RTM_GETNEIGH', ...asking })
    return decodeNeighbours(reply)
      .map(fromRecord)
      .filter((one) => one.state !== 'noarp' && (link === undefined || one.link === link))
      .filter((one) => (family === undefined ? ipFamily(one.address) !== undefined : one.family === family))
  }

  async #send(
    operation: string,
    syscall: string,
    encode: (record: NativeRecord) => Uint8Array,
    neighbours: NeighbourOptions | readonly NeighbourOptions[],
    call: CallOptions,
  ): Promise<void> {
    checkOptions(call, callChecks)
    const list = (Array.isArray(neighbours) ? neighbours : [neighbours]) as readonly NeighbourOptions[]
    list.forEach((one, at) => {
      checkListed(one, checks, 'neighbour', list, at)
    })
    const requests = list.map(async ({ address, link, state = 'permanent', ...rest }) => {
      const index = await indexOf(this.#netns, link, { operation, signal: call.signal })
      const record = { ...rest, address, state, index, family: ipFamily(address) }
      await this.#netns.route.request(encode(record), { syscall, operation, signal: call.signal, target: address })
    })
    await this.#netns.usedBy(allAnswered(requests))
  }
}

declare module './netns.js' {
  interface Netns {
    /** Neighbours of this namespace. */
    readonly neighbours: Neighbours
  }
}

Netns.extend('neighbours', (netns) => new Neighbours(netns))
