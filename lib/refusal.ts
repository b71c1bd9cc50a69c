/** What the kernel refused, told as an error in the caller's own words. */
import { attributePath } from './codec/attribute-path.js'
import { NetprimError } from './errors.js'
import { isFailure, type Failure, type Outcome, type Refusal } from './native.js'
import { settingAt } from './setting-path.js'

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

/** Options that a record has in another form. */
const optionNames: Readonly<Record<string, string>> = { netnsFd: 'netns', numTxQueues: 'queues', numRxQueues: 'queues', local: 'address' }

/** The option that the kernel pointed at. What is particular to a kind or a port stands beside the other options. */
function pointedAt(message: Uint8Array, offset: number): string | undefined {
  const path = attributePath(message, offset).replace(/^(data|port)\./, '')
  return path === '' ? undefined : path.replace(/\w+$/, (name) => optionNames[name] ?? name)
}

/** The error for a failed system call, which may have been about a setting that goes before a message. */
function failureError(purpose: Purpose, { syscall, errno, path }: Failure): NetprimError {
  const setting = path === undefined ? undefined : settingAt(path)
  return new NetprimError({ ...purpose, target: setting ?? purpose.target, syscall, errno })
}

/** The error for a failed system call or a refused message. */
export function refusalError(purpose: Purpose, refusal: Failure | Refusal, message?: Uint8Array): NetprimError {
  if (isFailure(refusal)) return failureError(purpose, refusal)
  const { errno, offset } = refusal
  const attribute = offset === undefined || message === undefined ? undefined : pointedAt(message, offset)
  return new NetprimError({ ...purpose, errno, detail: refusal.message, attribute })
}

/** Throws if the datagram could not be sent, or the message at this place in it was refused. */
export function throwIfRefused(outcome: Outcome | Failure, at: number, purpose: Purpose, message: Uint8Array): asserts outcome is Outcome {
  if (isFailure(outcome)) throw refusalError(purpose, outcome)
  if (outcome.refusals.length === 0) return
  const refusal = outcome.refusals.find((candidate) => candidate.request === at)
  if (refusal !== undefined) throw refusalError(purpose, refusal, message)
}
