/** One netlink socket of a namespace: gathers what is asked together into one datagram, and tells each asker its own answer. */
import { attributePath } from './codec/attribute-path.js'
import { NetprimError, closedError, errnoOf } from './errors.js'
import { isFailure, native, type Failure, type Handle, type Outcome, type Refusal } from './native.js'

/** What a message is for, as an error about it will say. */
export interface Purpose {
  /** Message type, as `'RTM_NEWLINK'`. */
  readonly syscall: string
  /** What the caller asked for, as `'Veth.create'`. */
  readonly operation: string
  readonly target?: string | undefined
  /** Takes the message back if it has not been sent; what has been sent takes effect all the same. */
  readonly signal?: AbortSignal | undefined
}

/** What every call that asks the kernel takes. */
export interface CallOptions {
  /** Calls the operation off while it has not been sent; what has been sent takes effect all the same. */
  readonly signal?: AbortSignal
}

interface Pending {
  readonly kind: 'list' | 'dump' | 'batch'
  readonly messages: readonly Uint8Array[]
  readonly settle: (outcome: Outcome | Failure, at: number) => void
}

/**
 * Most messages that go in one datagram. The kernel holds RTNL for the length of each of them, and all of the answers must fit
 * into the socket's receive buffer before the first is read.
 */
const maxMessages = 64

/** How often a dump that was interrupted by a change is begun anew. */
const maxDumps = 8

const nothing = new Uint8Array(0)

/** When all promises that can be settled now have been, so that what they ask for goes together. */
function endOfTick(): Promise<void> {
  return new Promise((resolve) => {
    queueMicrotask(() => {
      process.nextTick(resolve)
    })
  })
}

/** Options that a record has in another form. */
const optionNames: Readonly<Record<string, string>> = { netnsFd: 'netns', numTxQueues: 'queues', numRxQueues: 'queues', local: 'address' }

/** The option that the kernel pointed at. What is particular to a kind or a port stands beside the other options. */
function pointedAt(message: Uint8Array, offset: number): string | undefined {
  const path = attributePath(message, offset).replace(/^(data|port)\./, '')
  return path === '' ? undefined : path.replace(/\w+$/, (name) => optionNames[name] ?? name)
}

/** The error for a failed system call or a refused message. */
export function refusalError(purpose: Purpose, refusal: Failure | Refusal, message?: Uint8Array): NetprimError {
  if (isFailure(refusal)) return new NetprimError({ ...purpose, ...refusal })
  const { errno, offset } = refusal
  const attribute = offset === undefined || message === undefined ? undefined : pointedAt(message, offset)
  return new NetprimError({ ...purpose, errno, detail: refusal.message, attribute })
}

/** Waits until all have been answered, then throws the first refusal if there was one. */
export async function allAnswered<Answer>(requests: readonly Promise<Answer>[]): Promise<Answer[]> {
  await Promise.allSettled(requests)
  return Promise.all(requests)
}

/** A netlink socket that belongs for ever to the namespace it is opened in; opened at its first use. */
export class NetlinkSocket {
  readonly #netns: Handle
  readonly #protocol: 'route' | 'netfilter'
  #handle: Promise<Handle | Failure> | undefined
  readonly #queue: Pending[] = []
  #running: Promise<void> | undefined
  #closed = false

  constructor(netns: Handle, protocol: 'route' | 'netfilter') {
    this.#netns = netns
    this.#protocol = protocol
  }

  /** Sends one message; resolves with the messages it was answered with, rejects with a {@link NetprimError} if it was refused. */
  request(message: Uint8Array, purpose: Purpose): Promise<Uint8Array> {
    return this.#ask('list', [message], purpose, (outcome, at) => {
      const refusal = outcome.refusals.find((candidate) => candidate.request === at)
      if (refusal !== undefined) throw refusalError(purpose, refusal, message)
      return outcome.replies[at] ?? nothing
    })
  }

  /** Asks for a list of objects; begun anew, a bounded number of times, when the list changed while it was read. */
  async dump(message: Uint8Array, purpose: Purpose): Promise<Uint8Array> {
    for (let round = 1; ; round++) {
      const outcome = await this.#ask('dump', [message], purpose, (result) => result)
      const [refusal] = outcome.refusals
      if (refusal !== undefined) throw refusalError(purpose, refusal, message)
      if (!outcome.interrupted) return outcome.replies[0] ?? nothing
      if (round === maxDumps) {
        const error = new NetprimError({ ...purpose, errno: errnoOf('EINTR'), detail: `the list changed during each of ${maxDumps} dumps` })
        throw Object.assign(error, { partial: outcome.replies[0] ?? nothing })
      }
    }
  }

  /** Sends the messages as one transaction, in one datagram; resolves with what was refused of it. */
  batch(messages: readonly Uint8Array[], purpose: Purpose): Promise<Outcome> {
    return this.#ask('batch', messages, purpose, (outcome) => outcome)
  }

  /** Waits for what is in flight and closes the socket. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
    const handle = await this.#handle
    this.#handle = undefined
    if (handle !== undefined && !isFailure(handle)) native.closeHandle(handle)
  }

  #ask<Result>(
    kind: Pending['kind'],
    messages: readonly Uint8Array[],
    purpose: Purpose,
    conclude: (outcome: Outcome, at: number) => Result,
  ): Promise<Result> {
    const { signal } = purpose
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closedError('network namespace')
      signal?.throwIfAborted()
      const settle = (outcome: Outcome | Failure, at: number): void => {
        signal?.removeEventListener('abort', withdraw)
        try {
          if (isFailure(outcome)) throw refusalError(purpose, outcome)
          resolve(conclude(outcome, at))
        } catch (error) {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- thrown above
          reject(error)
        }
      }
      const pending: Pending = { kind, messages, settle }
      const withdraw = (): void => {
        const at = this.#queue.indexOf(pending)
        if (at === -1) return
        this.#queue.splice(at, 1)
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's own
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', withdraw, { once: true })
      this.#queue.push(pending)
      this.#running ??= endOfTick().then(() => this.#run())
    })
  }

  async #run(): Promise<void> {
    const handle = await this.#open()
    while (this.#queue.length > 0) {
      const group = this.#nextGroup()
      const [first] = group
      if (first === undefined) break
      const messages = group.flatMap((pending) => pending.messages)
      const outcome = isFailure(handle) ? handle : await native.transact(handle, first.kind === 'batch' ? 'batch' : 'list', messages)
      group.forEach((pending, at) => {
        pending.settle(outcome, at)
      })
    }
    this.#running = undefined
  }

  async #open(): Promise<Handle | Failure> {
    this.#handle ??= native.openSocket(this.#netns, this.#protocol)
    const handle = await this.#handle
    // What is asked next shall try again.
    if (isFailure(handle)) this.#handle = undefined
    return handle
  }

  /** The requests at the head of the queue that may share a datagram. A dump goes on after its datagram, so it travels alone. */
  #nextGroup(): Pending[] {
    const end = this.#queue.findIndex((pending) => pending.kind !== 'list')
    const together = end === -1 ? this.#queue.length : end
    return this.#queue.splice(0, Math.max(1, Math.min(together, maxMessages)))
  }
}
