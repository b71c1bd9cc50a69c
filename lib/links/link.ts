/** A link of any kind: made, read, changed and deleted (rtnetlink(7), ip-link(8)). */
import { encodeSetLink } from '../codec/messages.js'
import { Addresses } from '../address.js'
import { during, isRefusal, takeBack } from '../errors.js'
import type { NativeRecord } from '../native.js'
import { netnsOrCurrent, type Netns } from '../netns.js'
import { allAnswered } from '../all-answered.js'
import { arrayOf, checkOptions, invalidArgType } from '../validate.js'
import { indexOf, linkReference, readLink, type Asking, type LinkRecord, type LinkReference } from '../link-record.js'
import { linkRemoval } from './removal.js'
import { createLink, remaining, setUpLink } from './create-link.js'
import {
  checksOfKind,
  inNetnsChecks,
  pick,
  portRecord,
  settingsRecord,
  type BridgePortSettings,
  type InNetns,
  type LinkCreation,
  type LinkSettings,
  type OptionsOfKind,
} from './options.js'

/** Everything that {@link Link.create} takes for a link of this kind. */
export type LinkOptions<Kind extends string = string> = { readonly kind: Kind } & LinkSettings & LinkCreation & OptionsOfKind<Kind>

/** What {@link Link.set} changes; what is absent stays as it is. */
export interface LinkChanges extends LinkSettings, BridgePortSettings {
  /** Namespace to move the link to. The kernel takes it down and drops its addresses; a link is better made where it belongs. */
  readonly netns?: Netns
  /** Calls the change off while it has not been sent. */
  readonly signal?: AbortSignal
}

/** IFLA_MASTER that takes a link out of its bridge. */
const noMaster = 0

/**
 * A network link in a namespace.
 *
 * The members show the state that the kernel last reported: at creation, at {@link set} and at {@link refresh}.
 */
export class Link {
  #record: LinkRecord
  #netns: Netns
  readonly #owned: boolean
  #deleting: Promise<void> | undefined
  #addresses: Addresses | undefined

  /** @internal */
  constructor(netns: Netns, record: LinkRecord, owned: boolean) {
    this.#netns = netns
    this.#record = Object.freeze(record)
    this.#owned = owned
  }

  /**
   * Makes a link with all that is asked for, in one message. Needs CAP_NET_ADMIN.
   *
   * @param options - `kind` by its kernel name; the options of the kind (`id` of a vxlan) stand beside those that every link has
   * @throws {@link NetprimError} EEXIST if the name is taken, EOPNOTSUPP if the kernel has no such kind
   */
  static async create<Kind extends string>(options: LinkOptions<Kind>): Promise<Link> {
    checkOptions(options, checksOfKind((options as Partial<LinkOptions> | null | undefined)?.kind ?? '').creation)
    const netns = netnsOrCurrent(options.netns)
    return netns.usedBy(Link.#create(netns, options))
  }

  static async #create(netns: Netns, options: LinkSettings & LinkCreation & { readonly kind: string }): Promise<Link> {
    const operation = 'Link.create'
    const data = pick(options, checksOfKind(options.kind).particular) as { dev?: LinkReference } | undefined
    const dev = data?.dev === undefined ? {} : { dev: await indexOf(netns, data.dev, { operation, signal: options.signal }) }
    const creation = { operation, kind: options.kind, data: data && Object.assign({}, data, dev) }
    const link = new Link(netns, await createLink(netns, options, creation), true)
    await link.finish(options)
    return link
  }

  /**
   * Finds a link by name, by one of its other names, or by index.
   *
   * @throws {@link NetprimError} ENODEV if there is none
   */
  static async get(reference: string | number, options: InNetns = {}): Promise<Link> {
    linkReference('reference', reference)
    checkOptions(options, inNetnsChecks)
    const netns = netnsOrCurrent(options.netns)
    return new Link(netns, await readLink(netns, reference, { operation: 'Link.get', signal: options.signal }), false)
  }

  /** Deletes links together. Those that are gone already are no error. */
  static async deleteAll(links: readonly Link[]): Promise<void> {
    arrayOf((option, value) => {
      if (!(value instanceof Link)) throw invalidArgType(option, 'a Link', value)
    })('links', links)
    await allAnswered(links.map((link) => link.delete()))
  }

  /** Interface index. */
  get index(): number {
    return this.#record.index
  }
  /** Name: 1 to 15 bytes. */
  get name(): string {
    return this.#record.name
  }
  /** Kernel name of the kind, as `'veth'`; undefined for what is no virtual link. */
  get kind(): string | undefined {
    return this.#record.kind
  }
  /** Link-layer address; empty if the link has none. */
  get mac(): string {
    return this.#record.mac ?? ''
  }
  /** Largest packet in bytes. */
  get mtu(): number {
    return this.#record.mtu
  }
  /** Administratively up. */
  get up(): boolean {
    return this.#record.up
  }
  /** Interface index of the bridge (or other master) that this link is a port of. */
  get master(): number | undefined {
    return this.#record.master
  }
  /** Free text that `ip link` shows (ifalias). */
  get alias(): string | undefined {
    return this.#record.alias
  }
  /** All that the kernel reported, frozen. */
  get record(): LinkRecord {
    return this.#record
  }
  /** Addresses of this link. */
  get addresses(): Addresses {
    this.#addresses ??= new Addresses(() => this.#netns, this)
    return this.#addresses
  }
  /** The namespace that the link is in. */
  get netns(): Netns {
    return this.#netns
  }

  /**
   * Changes the link; what is not named stays as it is. Needs CAP_NET_ADMIN.
   *
   * @throws {@link NetprimError} ENODEV if the link is gone
   */
  async set(changes: LinkChanges): Promise<this> {
    const { change, particular, port } = checksOfKind(this.kind ?? '')
    checkOptions(changes, change, 'changes')
    const asking: Asking = { operation: `${this.constructor.name}.set`, signal: changes.signal }
    const netns = changes.netns ?? this.#netns
    await this.#netns.usedBy(netns.usedBy(this.#set(changes, pick(changes, particular), pick(changes, port), asking)))
    return this
  }

  async #set(changes: LinkChanges, data: NativeRecord | undefined, port: NativeRecord | undefined, asking: Asking): Promise<void> {
    const wanted = changes.master ?? undefined
    // The kernel moves the link first.
    const master = wanted === undefined ? undefined : await indexOf(changes.netns ?? this.#netns, wanted, asking)
    const dev = data?.['dev'] as LinkReference | undefined
    const lower = dev === undefined ? {} : { dev: await indexOf(this.#netns, dev, asking) }
    const { index, name } = this
    const record = {
      index,
      netnsFd: changes.netns?.fd,
      ...settingsRecord(changes, changes.master === null ? noMaster : master),
      ...(data && { kind: this.kind, data: Object.assign({}, data, lower) }),
    }
    const send = (one: NativeRecord): Promise<unknown> =>
      this.#netns.route.request(encodeSetLink(one), { syscall: 'RTM_NEWLINK', target: name, ...asking })
    if (changes.netns !== undefined) {
      await send(record)
      // In the other namespace the index may have been taken; the name cannot have been. Now that the link is there, no abort keeps it
      // from being known.
      this.reported(await readLink(changes.netns, changes.name ?? name, { operation: asking.operation }))
      this.#netns = changes.netns
    }
    // The kernel looks at a port's settings before it looks at its new master.
    const rest = [
      ...(changes.netns === undefined ? [record] : []),
      ...(port === undefined ? [] : [{ index: this.index, ...portRecord(port) }]),
    ]
    if (rest.length === 0) return
    // The state is read in the same datagram; its own error, for want of the link, would only repeat the other.
    await allAnswered([...rest.map(send), this.#read(this.index, asking).catch(() => undefined)])
  }

  /**
   * Reads the link's state anew.
   *
   * @throws {@link NetprimError} ENODEV if the link is gone
   */
  async refresh(): Promise<this> {
    await this.#read(this.index, { operation: `${this.constructor.name}.refresh` })
    return this
  }

  /** @internal Takes what the kernel has reported, to this link or to somebody else. */
  reported(record: LinkRecord): void {
    this.#record = Object.freeze(record)
  }

  async #read(reference: string | number, asking: Asking): Promise<void> {
    this.reported(await readLink(this.#netns, reference, asking))
  }

  /**
   * Deletes the link. May be called twice; a link that is gone already is no error. Needs CAP_NET_ADMIN.
   *
   * Links of a namespace that are deleted in one go, here or elsewhere in the program, are deleted together: the kernel waits once for
   * all of them. Resolves when nobody finds the link any more; the kernel goes on for some 20 ms until its memory is free.
   */
  delete(): Promise<void> {
    this.#deleting ??= this.#delete()
    return this.#deleting
  }

  async #delete(): Promise<void> {
    const purpose = { syscall: 'RTM_DELLINK', operation: `${this.constructor.name}.delete`, target: this.name }
    try {
      await this.#netns.route.remove({ index: this.index, group: this.#record.group }, linkRemoval, purpose)
    } catch (error) {
      this.#deleting = undefined
      if (!isRefusal(error, 'ENODEV')) throw error
    }
  }

  /**
   * @internal Says what the message that made the link could not; `others` does so for what was made with it. If that fails, the link is
   * deleted again.
   */
  async finish(options: LinkSettings & LinkCreation, others?: () => Promise<void>): Promise<void> {
    const rest = remaining(options)
    if (rest === undefined && others === undefined) return
    const operation = `${this.constructor.name}.create`
    try {
      await allAnswered([rest && setUpLink(this.#netns, this.index, rest, { operation, signal: options.signal }), others?.()])
    } catch (error) {
      const failure = during(error, operation)
      await takeBack(failure, () => this.delete())
      throw failure
    }
    const { alias, up } = rest ?? {}
    this.#record = Object.freeze(Object.assign({}, this.#record, alias !== undefined && { alias }, up !== undefined && { up }))
  }

  /** Deletes the link if this handle created it; one that was only got stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned) await this.delete()
  }
}
