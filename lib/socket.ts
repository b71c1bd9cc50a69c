/** One netlink socket of a namespace: gathers what is asked together into one datagram, and tells each asker its own answer. */
import { allDone, joined, outcomeOf, replyOf } from './datagram.js'
import { Departures, type Departure, type Removal } from './departures.js'
import { piecesOf } from './dump.js'
import { NetprimError, closedError, errnoOf } from './errors.js'
import { isFailure, native, type Failure, type Handle, type Outcome, type Refusal } from './native.js'
import { refusalError, throwIfRefused, type Purpose } from './refusal.js'
import { giveWay, isTurnAwaited, isTurnDue, turnOfEventLoop } from './turns.js'

/** What every call that asks the kernel takes. */
export interface CallOptions {
  /** Calls the operation off while it has not been sent; what has been sent takes effect all the same. */
  readonly signal?: AbortSignal
}

/** What a list is asked for with. */
export interface Query<Item> {
  readonly message: Uint8Array
  readonly purpose: Purpose
  /** The objects in a piece of the answer. */
  readonly decode: (replies: Uint8Array) => readonly Item[]
}

interface Asked {
  readonly kind: 'list' | 'dump' | 'batch' | 'removal'
  /** Each may be several, one behind the other. */
  readonly messages: readonly Uint8Array[]
  /** How many messages there are. */
  readonly count: number
  /** How many of the places in a datagram it takes. */
  readonly places: number
  /** Takes what became of the datagram, and the place of the first of the messages in it. */
  readonly settle: (outcome: Outcome | Failure, at: number) => void
  /** Takes a piece of a dump that goes on. */
  readonly take?: ((replies: Uint8Array) => void) | undefined
  readonly removal?: { readonly item: { readonly index: number }; readonly how: Removal<{ readonly index: number }> } | undefined
}

/**
 * What goes in one datagram, unless one asker has more: as many messages as there are places. While the kernel works on it, it does not
 * let go of the processor, and where that is the one that the JavaScript thread was on, the event loop waits for all of it.
 */
const placesInDatagram = 64

/** A link takes 0.2 ms to make; most else takes 3 to 30 µs. */
const placesOfLink = 8
const maxRemovals = 1000

/** These are worth a datagram while the rest is still being asked for: the kernel may as well begin. */
const placesToBegin = 32

/** So many full datagrams may wait for the kernel, lest it wait for the next. */
const maxInFlight = 6

/** How often a dump that was interrupted by a change is begun anew. */
const maxDumps = 8

function sentOutcome(outcome: Outcome | Failure, purpose: Purpose): Outcome {
  if (isFailure(outcome)) throw refusalError(purpose, outcome)
  return outcome
}

function changedError(purpose: Purpose, detail: string): NetprimError {
  return new NetprimError({ ...purpose, errno: errnoOf('EINTR'), detail })
}

function departureOf(group: readonly Asked[], manner: 'together' | 'alone'): Departure {
  return { datagram: joined(messagesOf(group, manner)), links: group.flatMap(({ removal }) => removal?.item.index ?? []) }
}

/** The messages for links to be removed next to one another. */
function messagesOf(group: readonly Asked[], manner: 'together' | 'alone' | 'afterwards'): readonly Uint8Array[] {
  const how = group[0]?.removal?.how
  if (how === undefined) return []
  if (manner === 'alone' || (manner === 'together' && group.length === 1)) return group.flatMap(({ messages }) => messages)
  return how[manner](group.flatMap(({ removal }) => removal?.item ?? []))
}

/** Calls when all promises that can be settled now have been, so that what they ask for goes together. */
function atEndOfTick(call: () => void): void {
  queueMicrotask(() => {
    process.nextTick(call)
  })
}

/** A netlink socket that belongs for ever to the namespace it is opened in; opened at its first use. */
export class NetlinkSocket {
  readonly #protocol: 'route' | 'netfilter'
  readonly #open: () => Promise<Handle | Failure>
  readonly #departures: Departures
  readonly #queue: Asked[] = []
  /** Datagrams that the kernel has not answered, or the opening. */
  #inFlight = 0
  readonly #whenIdle: (() => void)[] = []
  #handle: Handle | undefined
  /** What is in flight does not bear company. */
  #alone = false
  #scheduled = false
  #closed = false

  /** @param opened - the socket, if there is one already */
  constructor(netns: Handle, protocol: 'route' | 'netfilter', opened?: Handle) {
    this.#handle = opened
    this.#protocol = protocol
    this.#open = () => native.openSocket(netns, protocol)
    this.#departures = new Departures(this.#open)
  }

  /** Opens the socket, for who will soon have something to ask; what is asked meanwhile waits for it. */
  prepare(): void {
    if (this.#handle !== undefined || this.#inFlight > 0 || this.#closed) return
    this.#alone = true
    this.#inFlight++
    void this.#openFirst()
  }

  /** Sends one message; resolves with the messages it was answered with, rejects with a {@link NetprimError} if it was refused. */
  request(message: Uint8Array, purpose: Purpose): Promise<Uint8Array> {
    return this.#ask({ kind: 'list', messages: [message], count: 1 }, purpose, (outcome, at) => {
      throwIfRefused(outcome, at, purpose, message)
      return replyOf(outcome, at)
    })
  }

  /**
   * Sends several messages, which are one behind the other, in one datagram; resolves with what was refused of them.
   *
   * @param acknowledged - false if only refusals are answered: what is not refused has been done
   */
  requestAll(messages: Uint8Array, count: number, acknowledged: boolean, purpose: Purpose): Promise<readonly Refusal[]> {
    return this.#ask({ kind: acknowledged ? 'list' : 'batch', messages: [messages], count }, purpose, (outcome, at) =>
      sentOutcome(outcome, purpose)
        .refusals.map((refusal) => ({ ...refusal, request: refusal.request - at }))
        .filter(({ request }) => request >= 0 && request < count),
    )
  }

  /**
   * Asks for a list of objects, which is decoded piece by piece as it comes; begun anew, a bounded number of times, when the list changed
   * while it was read.
   */
  async dump<Item>({ message, purpose, decode }: Query<Item>): Promise<Item[]> {
    for (let round = 1; ; round++) {
      const items: Item[] = []
      let failure: Error | undefined
      const take = (replies: Uint8Array): void => {
        try {
          if (failure === undefined) for (const item of decode(replies)) items.push(item)
        } catch (error) {
          // Told when the kernel has come to the end of the list: the socket is others' too.
          failure = error as Error
        }
      }
      const { interrupted } = await this.#ask({ kind: 'dump', messages: [message], count: 1, take }, purpose, (outcome) => {
        throwIfRefused(outcome, 0, purpose, message)
        take(outcome.replies)
        if (failure !== undefined) throw failure
        return outcome
      })
      if (!interrupted) return items
      if (round === maxDumps) {
        throw Object.assign(changedError(purpose, `the list changed during each of ${maxDumps} dumps`), { partial: items })
      }
    }
  }

  /**
   * The same list, object by object as it is received, over a socket of its own: who reads it may ask for other things in between. The
   * kernel waits for the reader.
   */
  async *stream<Item>({ message, purpose, decode }: Query<Item>): AsyncGenerator<Item, void> {
    purpose.signal?.throwIfAborted()
    const handle = await this.#open()
    if (isFailure(handle)) throw refusalError(purpose, handle)
    try {
      let interrupted = false
      for await (const outcome of piecesOf(handle, message, isTurnAwaited())) {
        throwIfRefused(outcome, 0, purpose, message)
        yield* decode(outcome.replies)
        purpose.signal?.throwIfAborted()
        interrupted = outcome.interrupted
      }
      if (interrupted) throw changedError(purpose, 'the list changed while it was read')
    } finally {
      native.closeHandle(handle)
    }
  }

  /** Sends the messages as one transaction, in one datagram; resolves with what was refused of it. */
  batch(messages: readonly Uint8Array[], purpose: Purpose): Promise<Outcome> {
    return this.#ask({ kind: 'batch', messages, count: messages.length }, purpose, (outcome) => sentOutcome(outcome, purpose))
  }

  /** Removes a link, together with others that are to be removed next to it. Resolves when nobody finds it any more. */
  remove<Item extends { readonly index: number }>(item: Item, how: Removal<Item>, purpose: Purpose): Promise<void> {
    const message = how.alone(item)
    const removal = { item, how: how as unknown as Removal<{ readonly index: number }> }
    return this.#ask({ kind: 'removal', messages: [message], count: 1, removal }, purpose, (outcome, at) => {
      throwIfRefused(outcome, at, purpose, message)
    })
  }

  /** Waits for what is in flight and closes the socket. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#scheduled || this.#inFlight > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    await this.#departures.close()
    const handle = this.#handle
    this.#handle = undefined
    if (handle === undefined) return
    if (this.#protocol === 'netfilter') await native.closeSocket(handle)
    else native.closeHandle(handle)
  }

  #ask<Result>(
    { kind, messages, count, take, removal }: Omit<Asked, 'settle' | 'places'>,
    { syscall, signal }: Purpose,
    conclude: (outcome: Outcome | Failure, at: number) => Result,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closedError('network namespace')
      let forgetSignal: (() => void) | undefined
      const settle = (outcome: Outcome | Failure, at: number): void => {
        forgetSignal?.()
        try {
          resolve(conclude(outcome, at))
        } catch (error) {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- thrown above
          reject(error)
        }
      }
      const places = count * (syscall === 'RTM_NEWLINK' ? placesOfLink : 1)
      const asked: Asked = { kind, messages, count, places, settle, take, removal }
      if (signal !== undefined) forgetSignal = this.#withdrawWhenAborted(asked, signal, reject)
      this.#queue.push(asked)
      this.#schedule()
    })
  }

  /** Only what is in the queue still can be withdrawn. Returns what makes it stay. */
  #withdrawWhenAborted(asked: Asked, signal: AbortSignal, reject: (reason: unknown) => void): () => void {
    signal.throwIfAborted()
    const withdraw = (): void => {
      const at = this.#queue.indexOf(asked)
      if (at === -1) return
      this.#queue.splice(at, 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', withdraw, { once: true })
    return () => {
      signal.removeEventListener('abort', withdraw)
    }
  }

  #schedule(): void {
    if (this.#handle !== undefined && this.#placesWanted() >= placesToBegin) this.#sendNext(true)
    if (this.#scheduled || this.#inFlight > 0) return
    this.#scheduled = true
    atEndOfTick(this.#flush)
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    this.#sendNext(isTurnAwaited())
    this.#tellIfIdle()
  }

  /**
   * Sends what is first in the queue, if it may be sent now.
   *
   * @param goesOn - there is other work to do here before the next wait
   */
  #sendNext(goesOn: boolean): void {
    for (let first = this.#queue[0]; first !== undefined && this.#maySend(first); first = this.#queue[0]) {
      this.#alone = this.#handle === undefined || first.kind === 'removal' || first.kind === 'dump'
      this.#inFlight++
      if (this.#handle === undefined) void this.#openFirst()
      else if (first.kind === 'removal') void this.#sendRemovals()
      else if (first.kind === 'dump') void this.#sendDump(this.#handle, first, goesOn)
      else void this.#sendGroup(this.#handle, first, goesOn)
    }
  }

  /** Behind what is in flight only a full datagram is sent, so that the kernel need not wait for it: others wait for company. */
  #maySend(first: Asked): boolean {
    if (this.#inFlight === 0) return true
    const full = first.kind !== 'dump' && first.kind !== 'removal' && this.#placesWanted() >= placesInDatagram
    return full && !this.#alone && this.#inFlight < maxInFlight
  }

  /** About; what is asked for together is most often the same. */
  #placesWanted(): number {
    return this.#queue.length * (this.#queue[0]?.places ?? 0)
  }

  async #openFirst(): Promise<void> {
    const handle = await this.#open()
    if (isFailure(handle)) {
      // What is asked next shall try again.
      this.#settle(this.#queue.splice(0), handle)
    } else {
      this.#handle = handle
      this.#settle([], allDone)
    }
  }

  async #sendGroup(handle: Handle, first: Asked, goesOn: boolean): Promise<void> {
    const group = this.#takeGroup(first)
    const messages = group.length === 1 ? first.messages : group.flatMap((asked) => asked.messages)
    const manner = first.kind === 'batch' ? 'batch' : 'list'
    const outcome = outcomeOf(await native.transact(handle, manner, joined(messages), goesOn))
    if (isTurnDue()) await giveWay()
    this.#settle(group, outcome)
  }

  async #sendDump(handle: Handle, asked: Asked, goesOn: boolean): Promise<void> {
    this.#queue.shift()
    for await (const outcome of piecesOf(handle, joined(asked.messages), goesOn)) {
      if (isFailure(outcome) || outcome.rest === undefined) this.#settle([asked], outcome)
      else {
        asked.take?.(outcome.replies)
        await turnOfEventLoop()
      }
    }
  }

  /** Those at the head of the queue that may share a datagram. A dump goes on after its datagram, so it travels alone. */
  #takeGroup(first: Asked): Asked[] {
    let count = 1
    if (first.kind === 'list') {
      let taken = first.places
      for (let next = this.#queue[count]; next?.kind === 'list'; next = this.#queue[count]) {
        taken += next.places
        if (taken > placesInDatagram) break
        count++
      }
    }
    return this.#queue.splice(0, count)
  }

  async #sendRemovals(): Promise<void> {
    let group: Asked[] = []
    const answer = await this.#departures.send(() => {
      // What has been asked for while there was no socket free comes along.
      const end = this.#queue.findIndex(({ kind }) => kind !== 'removal')
      group = this.#queue.splice(0, Math.min(end === -1 ? this.#queue.length : end, maxRemovals))
      return departureOf(group, 'together')
    })
    let outcome = outcomeOf(answer)
    if (group.length > 1 && (isFailure(outcome) || outcome.refusals.length > 0)) {
      outcome = outcomeOf(await this.#departures.send(() => departureOf(group, 'alone')))
      const refused = isFailure(outcome) ? group : outcome.refusals.flatMap(({ request }) => group[request] ?? [])
      if (this.#handle !== undefined && refused.length > 0)
        await native.transact(this.#handle, 'list', joined(messagesOf(refused, 'afterwards')), false)
    } else if (!isFailure(outcome)) outcome = group.length > 1 ? allDone : outcome
    this.#settle(group, outcome)
  }

  /** Tells those who asked; the kernel is at work on what comes next meanwhile. */
  #settle(group: readonly Asked[], outcome: Outcome | Failure): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#sendNext(group.length > 0)
    // What is in flight keeps the kernel at work meanwhile.
    else if (this.#queue.length > 0) void turnOfEventLoop().then(() => this.#sendNext(true))
    let at = 0
    for (const asked of group) {
      asked.settle(outcome, at)
      at += asked.count
    }
    this.#tellIfIdle()
  }

  #tellIfIdle(): void {
    if (this.#inFlight === 0 && !this.#scheduled) for (const tell of this.#whenIdle.splice(0)) tell()
  }
}
