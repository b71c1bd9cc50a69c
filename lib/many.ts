/** One record or many of them, asked for in as few datagrams as it takes, with no more of them in memory than are under way. */
import { messageAt } from './datagram.js'
import { indexOf, knownIndex, type LinkReference } from './link-record.js'
import type { Netns } from './netns.js'
import { refusalError, type Purpose } from './refusal.js'
import { giveWay, turnOfEventLoop } from './turns.js'

/** One, several, or as many as come: what is iterable is read as it is asked for. */
export type OneOrMany<Item> = Item | Iterable<Item> | AsyncIterable<Item>

/** What is done with each. */
export interface Manner<Item> {
  readonly purpose: Purpose
  /** Throws if it is not what it should be; `list` is what it stands in. */
  check(item: Item, at: number, list: readonly Item[]): void
  /** The links that it speaks of. */
  links(item: Item): readonly (LinkReference | undefined)[]
  /**
   * The messages, one behind the other.
   *
   * @param acknowledged - false if only a refusal is to be answered
   */
  encode(items: readonly Item[], index: (link: LinkReference) => number, acknowledged: boolean): Uint8Array
  /** What an error about it calls it. */
  target(item: Item): string
}

/** Most messages in a datagram of one asker: the kernel has 0.4 ms to work on as many routes, 3 ms on as many addresses. */
const chunkLength = 128
/** So many may share a datagram with what others ask for. */
const mostInCompany = 32
/** Datagrams that the kernel has, or is to have next. */
const mostUnderWay = 4
/** So many are checked before the clock is looked at. */
const checkedInOneGo = 256

function isIterable<Item>(input: OneOrMany<Item>): input is Iterable<Item> | AsyncIterable<Item> {
  return typeof input === 'object' && input !== null && (Symbol.iterator in input || Symbol.asyncIterator in input)
}

/**
 * Asks for one or many. An array is checked whole before anything is sent; what else is iterable, piece by piece. All are asked for,
 * whatever becomes of the others; then the first refusal is thrown.
 */
export function sendMany<Item>(netns: Netns, input: OneOrMany<Item>, manner: Manner<Item>): Promise<void> {
  if (isIterable(input)) return sendAll(netns, input, manner)
  manner.check(input, 0, [input])
  return netns.usedBy(new Sending(netns, manner).send([input]))
}

async function sendAll<Item>(netns: Netns, input: Iterable<Item> | AsyncIterable<Item>, manner: Manner<Item>): Promise<void> {
  const sending = new Sending(netns, manner)
  if (Array.isArray(input)) {
    const list = input as readonly Item[]
    for (let at = 0; at < list.length; at++) {
      if (at % checkedInOneGo === checkedInOneGo - 1) await giveWay()
      sending.check(list[at] as Item, at, list)
    }
    await netns.usedBy(sending.sendAll(slicesOf(list), false))
  } else {
    const chunks = Symbol.asyncIterator in input ? untilAborted(asyncChunksOf(input), manner.purpose.signal) : chunksOf(input)
    await netns.usedBy(sending.sendAll(chunks, true))
  }
}

function* slicesOf<Item>(list: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < list.length; at += chunkLength) yield list.slice(at, at + chunkLength)
}

function* chunksOf<Item>(items: Iterable<Item>): Generator<readonly Item[]> {
  let chunk: Item[] = []
  for (const item of items) {
    chunk.push(item)
    if (chunk.length < chunkLength) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

async function* asyncChunksOf<Item>(items: AsyncIterable<Item>): AsyncGenerator<readonly Item[], void> {
  let chunk: Item[] = []
  for await (const item of items) {
    chunk.push(item)
    if (chunk.length < chunkLength) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** What a source gives until the signal is aborted; if the source stalls then, it is not waited for. */
async function* untilAborted<Item>(source: AsyncGenerator<Item, void>, signal: AbortSignal | undefined): AsyncGenerator<Item, void> {
  try {
    for (;;) {
      const step = await unlessAborted(source.next(), signal)
      if (step.done === true) return
      yield step.value
    }
  } finally {
    const closed = source.return()
    if (signal?.aborted === true) closed.catch(() => undefined)
    else await closed
  }
}

function unlessAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's own reason
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    const forget = (): void => {
      signal.removeEventListener('abort', abort)
    }
    promise.then(resolve, reject).then(forget, forget)
  })
}

/** One call: what it has learnt of links, what is under way, what was refused first. */
class Sending<Item> {
  readonly #netns: Netns
  readonly #manner: Manner<Item>
  /** Of links by their names; none where nothing is called by its name. */
  #indexes: Map<string, number> | undefined
  #refused: Error | undefined
  readonly #underWay: Promise<void>[] = []

  constructor(netns: Netns, manner: Manner<Item>) {
    this.#netns = netns
    this.#manner = manner
  }

  async send(items: readonly Item[]): Promise<void> {
    const unknown = this.#unknownNames(items)
    // Nothing is awaited that need not be: calls are carried out in the order in which they were made.
    if (unknown !== undefined) await this.#learn([...unknown])
    const acknowledged = items.length <= mostInCompany
    const { purpose } = this.#manner
    const messages = this.#manner.encode(items, this.#index, acknowledged)
    const [refusal] = await this.#netns.route.requestAll(messages, items.length, acknowledged, purpose)
    if (refusal === undefined) return
    const item = items[refusal.request]
    const target = item === undefined ? undefined : this.#manner.target(item)
    throw refusalError({ ...purpose, target }, refusal, messageAt(messages, refusal.request))
  }

  /** Throws if the item is not what it should be, or speaks of a link of another namespace. */
  check(item: Item, at: number, list: readonly Item[]): void {
    this.#manner.check(item, at, list)
    for (const link of this.#manner.links(item)) if (typeof link === 'object') knownIndex(this.#netns, link)
  }

  /** @param unchecked - the items have yet to be checked */
  async sendAll(chunks: Iterable<readonly Item[]> | AsyncIterable<readonly Item[]>, unchecked: boolean): Promise<void> {
    try {
      await (Symbol.asyncIterator in chunks ? this.#beginAsTheyCome(chunks, unchecked) : this.#beginAll(chunks, unchecked))
    } finally {
      await Promise.all(this.#underWay)
    }
    if (this.#refused !== undefined) throw this.#refused
  }

  async #beginAll(chunks: Iterable<readonly Item[]>, unchecked: boolean): Promise<void> {
    for (const chunk of chunks) {
      this.#begin(chunk, unchecked)
      if (this.#underWay.length === mostUnderWay) await this.#waitForFirst()
    }
  }

  async #beginAsTheyCome(chunks: AsyncIterable<readonly Item[]>, unchecked: boolean): Promise<void> {
    for await (const chunk of chunks) {
      this.#begin(chunk, unchecked)
      if (this.#underWay.length === mostUnderWay) await this.#waitForFirst()
    }
  }

  #begin(chunk: readonly Item[], unchecked: boolean): void {
    this.#manner.purpose.signal?.throwIfAborted()
    if (unchecked) for (const item of chunk) this.check(item, 0, [item])
    this.#underWay.push(this.send(chunk).catch((error: unknown) => this.#remember(error as Error)))
  }

  async #waitForFirst(): Promise<void> {
    await this.#underWay.shift()
    await turnOfEventLoop()
  }

  #remember(error: Error): void {
    this.#refused ??= error
  }

  /** The names of links whose indexes have not been asked for. */
  #unknownNames(items: readonly Item[]): ReadonlySet<string> | undefined {
    let unknown: Set<string> | undefined
    for (const item of items) {
      for (const link of this.#manner.links(item)) {
        if (typeof link === 'string' && this.#indexes?.has(link) !== true) (unknown ??= new Set()).add(link)
      }
    }
    return unknown
  }

  async #learn(names: readonly string[]): Promise<void> {
    const indexes = await Promise.all(names.map((name) => indexOf(this.#netns, name, this.#manner.purpose)))
    const known = (this.#indexes ??= new Map())
    names.forEach((name, at) => known.set(name, indexes[at] ?? 0))
  }

  readonly #index = (link: LinkReference): number => {
    if (typeof link === 'string') return this.#indexes?.get(link) ?? 0
    return knownIndex(this.#netns, link)
  }
}
