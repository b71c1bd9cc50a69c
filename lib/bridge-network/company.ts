/** What several ask of a host at the same moment is done in one go. */
import type { Netns } from '../netns.js'

interface Gathering<Item> {
  readonly items: Item[]
  readonly done: Promise<void>
}

/** One way of doing a thing for as many as ask for it at the same moment. */
export class Company<Item> {
  readonly #doAll: (host: Netns, items: readonly Item[]) => Promise<void>
  /** Those that have not been begun with. */
  readonly #gatherings = new WeakMap<Netns, Gathering<Item>>()

  /** @param doAll - does it for one or several; what is refused in company is tried again for each alone */
  constructor(doAll: (host: Netns, items: readonly Item[]) => Promise<void>) {
    this.#doAll = doAll
  }

  /** Does it for this one, and for those who ask at the same moment; rejects only with what this one is refused for. */
  async join(host: Netns, item: Item): Promise<void> {
    const { items, done } = this.#gatherings.get(host) ?? this.#gather(host)
    items.push(item)
    try {
      await done
    } catch (error) {
      if (items.length === 1) throw error
      await this.#doAll(host, [item])
    }
  }

  #gather(host: Netns): Gathering<Item> {
    const items: Item[] = []
    // Behind all those who are about to ask, too.
    const done = Promise.resolve().then(() => {
      this.#gatherings.delete(host)
      return this.#doAll(host, items)
    })
    const gathering = { items, done }
    this.#gatherings.set(host, gathering)
    return gathering
  }
}
