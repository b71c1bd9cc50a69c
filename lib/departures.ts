/**
 * The sockets over which a namespace's links are removed. The kernel tells of a removal at once, but returns from `sendmsg` up to 40 ms
 * later, when nothing refers to the link any more: other messages shall not wait for that.
 */
import { isFailure, native, type Answer, type Failure, type Handle } from './native.js'

/** Datagrams, of all namespaces, that the kernel may be at work on; each keeps a thread. */
const maxUnderWay = 12

let underWay = 0
const waiting: (() => void)[] = []

async function takeTurn(): Promise<void> {
  if (underWay >= maxUnderWay) await new Promise<void>((resolve) => waiting.push(resolve))
  underWay++
}

function endTurn(): void {
  underWay--
  waiting.shift()?.()
}

/** How links are removed: alone, or several at the price of one. */
export interface Removal<Item extends { readonly index: number }> {
  alone(item: Item): Uint8Array
  /** If any of these is refused, each item is removed alone. */
  together(items: readonly Item[]): readonly Uint8Array[]
  /** Takes back what `together` did to items that are refused when they are removed alone, too. */
  afterwards(items: readonly Item[]): readonly Uint8Array[]
}

/** Messages that delete links, and the indexes of the links. */
export interface Departure {
  readonly datagram: Uint8Array
  readonly links: readonly number[]
}

/** The sockets of one namespace. */
export class Departures {
  readonly #open: () => Promise<Handle | Failure>
  readonly #idle: Handle[] = []
  readonly #ending = new Set<Promise<void>>()

  constructor(open: () => Promise<Handle | Failure>) {
    this.#open = open
  }

  /** Sends what `depart` gives as soon as there is a socket for it; resolves when the kernel has told what became of it. */
  async send(depart: () => Departure): Promise<Answer> {
    await takeTurn()
    const handle = this.#idle.pop() ?? (await this.#open())
    if (isFailure(handle)) {
      endTurn()
      depart()
      return handle
    }
    const { datagram, links } = depart()
    const { told, ended } = native.deleteLinks(handle, datagram, links)
    const ending = ended.then(() => {
      this.#idle.push(handle)
      this.#ending.delete(ending)
      endTurn()
    })
    this.#ending.add(ending)
    return told
  }

  /** Waits for the kernel, and closes the sockets. */
  async close(): Promise<void> {
    await Promise.all(this.#ending)
    for (const handle of this.#idle.splice(0)) native.closeHandle(handle)
  }
}
