/** Addresses of links: plain records in, plain records out (rtnetlink(7), ip-address(8)). */
import {
  decodeAddresses,
  encodeDelAddress,
  encodeGetAddresses,
  encodeNewAddress,
  encodeReplaceAddress,
  type Encode,
} from './codec/messages.js'
import { taken } from './codec/decode.js'
import type { Values } from './codec/table.js'
import { indexOf, linkReference, type LinkReference } from './link-record.js'
import type { NativeRecord } from './native.js'
import { Netns } from './netns.js'
import { sendMany, type OneOrMany } from './many.js'
import type { CallOptions, Query } from './socket.js'
import {
  abortSignal,
  arrayOf,
  callChecks,
  checkListed,
  checkOptions,
  cidr,
  integer,
  invalidArgType,
  invalidArgValue,
  ip,
  ipFamily,
  oneOf,
  partsOf,
  required,
  text,
  u32,
  type Checks,
} from './validate.js'

/** Flags that a caller may set; the others are the kernel's to report, and are left out when a listed address is added again. */
const settableFlags = ['nodad', 'optimistic', 'home', 'mngtmpaddr', 'noprefixroute', 'autojoin'] as const
const flagWords = [...settableFlags, 'secondary', 'dadfailed', 'deprecated', 'tentative', 'permanent', 'stable-privacy'] as const

/** An address to be added or deleted. */
export interface AddressOptions {
  /** Address and length of its prefix, as `'10.0.0.1/24'`; without a length, the whole address. */
  readonly address: string
  /** The link; not needed where the list is a link's own. */
  readonly link?: LinkReference
  /** Address of the other end of a point-to-point link. */
  readonly peer?: string
  /** Broadcast address, IPv4 only. The default is none. */
  readonly broadcast?: string
  /** Where the address is valid. The default is `'global'`. */
  readonly scope?: AddressScope
  /** IPv4: name for the address; begins with the link's name, at most 15 bytes. */
  readonly label?: string
  /** Metric of the connected route. */
  readonly metric?: number
  /** Words for IFA_F_…; `'nodad'` makes an IPv6 address usable at once. */
  readonly flags?: readonly AddressFlag[]
  /** Follows from the address; here so that what was listed can be added. */
  readonly family?: 'ipv4' | 'ipv6'
  /** Seconds that the address stays. The default is for ever. */
  readonly validLifetime?: number
  /** Seconds that the address is chosen for new connections. The default is as long as it stays. */
  readonly preferredLifetime?: number
}

/** Where an address is valid (RT_SCOPE_…). */
export type AddressScope = 'global' | 'site' | 'link' | 'host' | 'nowhere'
/** A flag of an address (IFA_F_…). */
export type AddressFlag = (typeof flagWords)[number]

/** An address as the kernel lists it. */
export interface AddressRecord {
  /** Family of the address. */
  readonly family: 'ipv4' | 'ipv6'
  /** Address and length of its prefix, as `'10.0.0.1/24'`. */
  readonly address: string
  /** Interface index. */
  readonly link: number
  /** Address of the other end, if it has one. */
  readonly peer?: string
  /** Broadcast address, if it has one. */
  readonly broadcast?: string
  /** Where the address is valid. */
  readonly scope: AddressScope
  /** Its name, IPv4 only. */
  readonly label?: string
  /** Metric of the connected route, if it is not the default. */
  readonly metric?: number
  /** Words for IFA_F_…, the kernel's own among them. */
  readonly flags: readonly AddressFlag[]
  /** Seconds that it stays; absent for ever. */
  readonly validLifetime?: number
  /** Seconds that it is chosen for new connections; absent for ever. */
  readonly preferredLifetime?: number
}

/** Which addresses to list; all that are given must fit. */
export interface AddressFilter {
  /** Of this link. */
  readonly link?: LinkReference
  /** Of this family. */
  readonly family?: 'ipv4' | 'ipv6'
  /** Calls the listing off while it has not been sent. */
  readonly signal?: AbortSignal
}

const checks: Checks = {
  address: required(cidr),
  link: linkReference,
  peer: ip,
  broadcast: ip,
  scope: oneOf('global', 'site', 'link', 'host', 'nowhere'),
  label: text(15),
  metric: u32,
  flags: arrayOf(oneOf(...flagWords)),
  family: oneOf('ipv4', 'ipv6'),
  validLifetime: integer(1, 0xffff_fffe),
  preferredLifetime: integer(0, 0xffff_fffe),
}

const filterChecks: Checks = { link: linkReference, family: oneOf('ipv4', 'ipv6'), signal: abortSignal }

/** All addresses of a record are of one family. */
function checkFamilies({ address, peer, broadcast }: AddressOptions): void {
  if (peer === undefined && broadcast === undefined) return
  const family = ipFamily(address)
  for (const [option, other] of Object.entries({ peer, broadcast })) {
    if (other !== undefined && ipFamily(other) !== family) throw invalidArgValue(option, `an ${family} address, as 'address' is`, other)
  }
}

function optionsOf(one: string | AddressOptions): AddressOptions {
  return typeof one === 'string' ? { address: one } : one
}

/** The record to encode for an address on the link with this index. */
export function addressRecord(options: AddressOptions, index: number): NativeRecord {
  const { address, peer, broadcast, scope, label, metric, flags, validLifetime } = options
  const { family, ip: local, prefixLength } = partsOf(address)
  const settable = flags?.filter((flag) => (settableFlags as readonly string[]).includes(flag))
  // The kernel takes no preferred lifetime that is longer than the valid one.
  const preferredLifetime = options.preferredLifetime ?? validLifetime
  // Member by member: a copy of the options in which some are replaced takes several times as long.
  return {
    family,
    prefixLength,
    scope,
    index,
    address: peer ?? local,
    local,
    broadcast,
    label,
    metric,
    flags: settable,
    validLifetime,
    preferredLifetime,
  }
}

type Name = 'local' | 'address' | 'prefixLength' | 'index' | 'flags'

function beginAddress(values: Values, at: Readonly<Record<Name, number>>): Record<string, unknown> {
  const address = taken(values, at.address)
  const own = (taken(values, at.local) ?? address ?? '') as string
  const record: Record<string, unknown> = {
    address: `${own}/${String(taken(values, at.prefixLength))}`,
    link: taken(values, at.index),
    flags: taken(values, at.flags) ?? [],
  }
  if (address !== own) record['peer'] = address
  return record
}

function addressesOf(replies: Uint8Array): AddressRecord[] {
  return decodeAddresses(replies, beginAddress) as unknown as AddressRecord[]
}

/** The addresses of a namespace, or of one link in it. */
export class Addresses {
  readonly #netns: () => Netns
  readonly #link: { readonly index: number } | undefined

  /** @internal */
  constructor(netns: () => Netns, link?: { readonly index: number }) {
    this.#netns = netns
    this.#link = link
  }

  /**
   * Adds one address or several. Several are asked for together and are not undone when one of them is refused.
   *
   * @param addresses - `'10.0.0.1/24'`, or a record; needs `link` if this is a whole namespace's list
   * @throws {@link NetprimError} EEXIST if the link has it already
   */
  add(addresses: OneOrMany<string | AddressOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('addresses.add', 'RTM_NEWADDR', encodeNewAddress, addresses, options)
  }

  /** Adds addresses, or changes the settings of those that are there. */
  replace(addresses: OneOrMany<string | AddressOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('addresses.replace', 'RTM_NEWADDR', encodeReplaceAddress, addresses, options)
  }

  /**
   * Deletes one address or several.
   *
   * @throws {@link NetprimError} EADDRNOTAVAIL if it isn't there
   */
  delete(addresses: OneOrMany<string | AddressOptions>, options: CallOptions = {}): Promise<void> {
    return this.#send('addresses.delete', 'RTM_DELADDR', encodeDelAddress, addresses, options)
  }

  /** Lists addresses, in the kernel's order; empty if there are none. */
  async list(filter: AddressFilter = {}): Promise<AddressRecord[]> {
    const netns = this.#netns()
    return netns.usedBy(this.#query(netns, 'addresses.list', filter).then((query) => netns.route.dump(query)))
  }

  /**
   * The same addresses, one after the other as the kernel tells of them: there is never more than a piece of the list in memory.
   *
   * @throws {@link NetprimError} EINTR, at the end, if the list changed while it was read
   */
  async *iterate(filter: AddressFilter = {}): AsyncGenerator<AddressRecord, void> {
    const netns = this.#netns()
    yield* netns.route.stream(await this.#query(netns, 'addresses.iterate', filter))
  }

  async #query(netns: Netns, operation: string, filter: AddressFilter): Promise<Query<AddressRecord>> {
    checkOptions(filter, filterChecks, 'filter')
    const { family, signal } = filter
    const asking = { operation, signal }
    const link = filter.link ?? this.#link
    const index = link === undefined ? undefined : await indexOf(netns, link, asking)
    const fits = (one: AddressRecord): boolean =>
      (index === undefined || one.link === index) && (family === undefined || one.family === family)
    return {
      message: encodeGetAddresses({ family, index }),
      purpose: { syscall: 'RTM_GETADDR', ...asking },
      decode: (replies) => addressesOf(replies).filter(fits),
    }
  }

  async #send(
    operation: string,
    syscall: string,
    encode: Encode,
    addresses: OneOrMany<string | AddressOptions>,
    call: CallOptions,
  ): Promise<void> {
    checkOptions(call, callChecks)
    await sendMany(this.#netns(), addresses, {
      purpose: { operation, syscall, signal: call.signal },
      check: (one, at, list) => {
        const options = optionsOf(one)
        checkListed(options, checks, 'address', list, at)
        checkFamilies(options)
        if (options.link === undefined && this.#link === undefined) throw invalidArgType('link', 'a link', undefined)
      },
      links: (one) => [optionsOf(one).link],
      encode: (all, index, acknowledged) =>
        encode.all(
          all.map((one) => {
            const options = optionsOf(one)
            return addressRecord(options, index(options.link ?? this.#link ?? 0))
          }),
          acknowledged,
        ),
      target: (one) => optionsOf(one).address,
    })
  }
}

declare module './netns.js' {
  interface Netns {
    /** Addresses of all links of this namespace. */
    readonly addresses: Addresses
  }
}

Netns.extend('addresses', (netns) => new Addresses(() => netns))
