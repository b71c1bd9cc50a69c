/** The links of a namespace, as a list. */
import { encodeGetLinks } from '../codec/messages.js'
import { Netns } from '../netns.js'
import { abortSignal, checkOptions, text, type Checks } from '../validate.js'
import { decodeLinks, indexOf, linkReference, withoutStatistics, type LinkRecord, type LinkReference } from '../link-record.js'
import type { Query } from '../socket.js'
import { Link } from './link.js'

/** Which links to list; all that are given must fit. */
export interface LinkFilter {
  /** Kernel name of the kind, as `'veth'`. */
  readonly kind?: string
  /** The bridge (or other master) that they are ports of. */
  readonly master?: LinkReference
  /** Calls the listing off while it has not been sent. */
  readonly signal?: AbortSignal
}

const filterChecks: Checks = { kind: text(15), master: linkReference, signal: abortSignal }

/** The links of a namespace. */
export class Links {
  readonly #netns: Netns

  /** @internal */
  constructor(netns: Netns) {
    this.#netns = netns
  }

  /** Lists links, in the kernel's order; empty if none fits. In the caller's own namespace it needs no privilege. */
  async list(filter: LinkFilter = {}): Promise<Link[]> {
    const netns = this.#netns
    return netns.usedBy(this.#query('links.list', filter).then((query) => netns.route.dump(query)))
  }

  /**
   * The same links, one after the other as the kernel tells of them: there is never more than a piece of the list in memory.
   *
   * @throws {@link NetprimError} EINTR, at the end, if the list changed while it was read
   */
  async *iterate(filter: LinkFilter = {}): AsyncGenerator<Link, void> {
    yield* this.#netns.route.stream(await this.#query('links.iterate', filter))
  }

  async #query(operation: string, filter: LinkFilter): Promise<Query<Link>> {
    checkOptions(filter, filterChecks, 'filter')
    const { kind, signal } = filter
    const asking = { operation, signal }
    const master = filter.master === undefined ? undefined : await indexOf(this.#netns, filter.master, asking)
    // The kernel filters too, but only where it knows how: by master, and by a kind that it has.
    const fits = (link: LinkRecord): boolean =>
      (kind === undefined || link.kind === kind) && (master === undefined || link.master === master)
    return {
      message: encodeGetLinks({ kind, master, extMask: withoutStatistics }),
      purpose: { syscall: 'RTM_GETLINK', ...asking },
      decode: (replies) =>
        decodeLinks(replies)
          .filter(fits)
          .map((link) => new Link(this.#netns, link, false)),
    }
  }
}

declare module '../netns.js' {
  interface Netns {
    /** Links of this namespace. */
    readonly links: Links
  }
}

Netns.extend('links', (netns) => new Links(netns))
