/** Neighbours, which is what ARP and NDP have learned: plain records in, plain records out (rtnetlink(7), ip-neighbour(8)). */
import {
  decodeNeighbours,
  encodeDelNeighbour,
  encodeGetNeighbours,
  encodeNewNeighbour,
  encodeReplaceNeighbour,
  type Encode,
} from './codec/messages.js'
import { taken } from './codec/decode.js'
import type { Values } from './codec/table.js'
import { indexOf, linkReference, type LinkReference } from './link-record.js'
import { Netns } from './netns.js'
import { sendMany, type OneOrMany } from './many.js'
import type { CallOptions, Query } from './socket.js'
import { abortSignal, arrayOf, callChecks, checkListed, checkOptions, ip, ipFamily, mac, oneOf, required, type Checks } from './validate.js'

const families: readonly string[] = ['ipv4', 'ipv6']
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
  family: oneOf(...families),
}

const filterChecks: Checks = { link: linkReference, family: oneOf(...families), signal: abortSignal }

type Name = 'index'

function beginNeighbour(values: Values, at: Readonly<Record<Name, number>>): Record<string, unknown> {
  return { link: taken(values, at.index) }
}

function neighboursOf(replies: Uint8Array): NeighbourRecord[] {
  return decodeNeighbours(replies, beginNeighbour) as unknown as NeighbourRecord[]
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
  add(neighbours: OneOrMany<NeighbourOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('neighbours.add', 'RTM_NEWNEIGH', encodeNewNeighbour, neighbours, options)
  }

  /** Adds neighbours, or changes those that are there. */
  replace(neighbours: OneOrMany<NeighbourOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('neighbours.replace', 'RTM_NEWNEIGH', encodeReplaceNeighbour, neighbours, options)
  }

  /**
   * Deletes one neighbour or several.
   *
   * @throws {@link NetprimError} ENOENT if it isn't there
   */
  delete(neighbours: OneOrMany<NeighbourOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('neighbours.delete', 'RTM_DELNEIGH', encodeDelNeighbour, neighbours, options)
  }

  /** Lists neighbours, without those that need none (`'noarp'`), as `ip neighbour` does; empty if there are none. */
  async list(filter: NeighbourFilter = {}): Promise<NeighbourRecord[]> {
    const netns = this.#netns
    return netns.usedBy(this.#query('neighbours.list', filter).then((query) => netns.route.dump(query)))
  }

  /**
   * The same neighbours, one after the other as the kernel tells of them: there is never more than a piece of the list in memory.
   *
   * @throws {@link NetprimError} EINTR, at the end, if the list changed while it was read
   */
  async *iterate(filter: NeighbourFilter = {}): AsyncGenerator<NeighbourRecord, void> {
    yield* this.#netns.route.stream(await this.#query('neighbours.iterate', filter))
  }

  async #query(operation: string, filter: NeighbourFilter): Promise<Query<NeighbourRecord>> {
    checkOptions(filter, filterChecks, 'filter')
    const { family, signal } = filter
    const asking = { operation, signal }
    const link = filter.link === undefined ? undefined : await indexOf(this.#netns, filter.link, asking)
    const fits = (one: NeighbourRecord): boolean =>
      one.state !== 'noarp' &&
      (link === undefined || one.link === link) &&
      (family === undefined ? families.includes(one.family) : one.family === family)
    return {
      message: encodeGetNeighbours({ family, link }),
      purpose: { syscall: 'RTM_GETNEIGH', ...asking },
      decode: (replies) => neighboursOf(replies).filter(fits),
    }
  }

  async #send(
    operation: string,
    syscall: string,
    encode: Encode,
    neighbours: OneOrMany<NeighbourOptions>,
    call: CallOptions,
  ): Promise<void> {
    checkOptions(call, callChecks)
    await sendMany(this.#netns, neighbours, {
      purpose: { operation, syscall, signal: call.signal },
      check: (one, at, list) => {
        checkListed(one, checks, 'neighbour', list, at)
      },
      links: ({ link }) => [link],
      encode: (all, index, acknowledged) =>
        encode.all(
          all.map(({ address, mac: lladdr, state = 'permanent', flags, link }) => {
            return { address, mac: lladdr, state, flags, index: index(link), family: ipFamily(address) }
          }),
          acknowledged,
        ),
      target: ({ address }) => address,
    })
  }
}

declare module './netns.js' {
  interface Netns {
    /** Neighbours of this namespace. */
    readonly neighbours: Neighbours
  }
}

Netns.extend('neighbours', (netns) => new Neighbours(netns))
