/** The errors that netprim throws: one class for what the kernel refused, and Node's own kinds for wrong arguments. */
import { constants } from 'node:os'
import { native } from './native.js'

/** The negative error number of a code, for a refusal that the library itself has to tell. */
export function errnoOf(code: keyof typeof constants.errno): number {
  return -constants.errno[code]
}

/** What a {@link NetprimError} is made from. */
export interface NetprimErrorDetails {
  /** Negative error number, as in Node's own system errors. */
  readonly errno: number
  /** The netlink message type or the system call that was refused. */
  readonly syscall: string
  /** What the caller asked for, as `'Veth.create'`. */
  readonly operation: string
  /** The object that it was about, as `'veth0'`. */
  readonly target?: string | undefined
  /** The kernel's own explanation. */
  readonly detail?: string | undefined
  /** The option that the kernel pointed at. */
  readonly attribute?: string | undefined
  /** The error that this one retells. */
  readonly cause?: unknown
}

interface Cure {
  readonly code: string
  readonly syscall: RegExp
  readonly text: string
}

/** Where the cause is known, what helps. The first row that fits is said. */
const cures: readonly Cure[] = [
  { code: 'EPERM', syscall: /^(RTM|NFT|NFNL|IPCTNL)_/, text: 'needs CAP_NET_ADMIN in the network namespace' },
  { code: 'EPERM', syscall: /^(unshare|setns|mount|umount2)$/, text: 'needs CAP_SYS_ADMIN' },
  { code: 'EACCES', syscall: /^(open|mkdir|unlink|umount2)$/, text: 'needs root, or CAP_SYS_ADMIN and CAP_DAC_OVERRIDE' },
  { code: 'EPERM', syscall: /^(open|write)$/, text: 'needs CAP_NET_ADMIN in the network namespace' },
  { code: 'EXFULL', syscall: /^RTM_NEWLINK$/, text: 'a bridge takes 1,023 ports' },
  { code: 'EMSGSIZE', syscall: /^sendmsg$/, text: 'the batch is larger than the socket may send: raise net.core.wmem_max' },
  { code: 'EINVAL', syscall: /^ioctl$/, text: 'the file is no network namespace' },
]

function cureFor(code: string, syscall: string): string | undefined {
  return cures.find((cure) => cure.code === code && cure.syscall.test(syscall))?.text
}

/**
 * The kernel, or a system call, refused an operation.
 *
 * Compare `code`; the other members say who refused what and why.
 */
export class NetprimError extends Error {
  /** Symbolic name of the error, as `'EEXIST'`. */
  readonly code: string
  /** Negative error number, as in Node's own system errors. */
  readonly errno: number
  /** The netlink message type (`'RTM_NEWLINK'`, `'NFT_MSG_NEWRULE'`) or the system call (`'setns'`) that was refused. */
  readonly syscall: string
  /** What the caller asked for, as `'Veth.create'`. */
  readonly operation: string
  /** The object that it was about, as `'veth0'`. */
  readonly target: string | undefined
  /** The kernel's own explanation (the text of its extended ACK), where it gave one. */
  readonly detail: string | undefined
  /** The option that the kernel pointed at, as `'mtu'` or `'peer.name'`, where it did. */
  readonly attribute: string | undefined
  /** Errors that came up while what had been done before this one was being undone. */
  readonly suppressed: unknown[] = []

  constructor(details: NetprimErrorDetails) {
    const { code, text } = native.describeErrno(details.errno)
    const explanation = [details.syscall, details.detail].filter((part) => part !== undefined && part !== '').join(': ')
    const cure = cureFor(code, details.syscall)
    const target = details.target === undefined ? '' : ` '${details.target}'`
    const lowered = text.charAt(0).toLowerCase() + text.slice(1)
    super(
      `${details.operation}${target}: ${code}, ${lowered} (${explanation})${cure === undefined ? '' : `; ${cure}`}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    )
    this.code = code
    this.errno = details.errno
    this.syscall = details.syscall
    this.operation = details.operation
    this.target = details.target
    this.detail = details.detail
    this.attribute = details.attribute
  }

  static {
    this.prototype.name = 'NetprimError'
  }
}

/** The same refusal, told as part of a larger operation that the caller asked for. */
export function during(error: unknown, operation: string, target?: string): unknown {
  if (!(error instanceof NetprimError)) return error
  const { errno, syscall, detail, attribute } = error
  const retold = new NetprimError({ errno, syscall, detail, attribute, operation, target: target ?? error.target, cause: error })
  retold.suppressed.push(...error.suppressed)
  return retold
}

/** Takes back what had been done before the error; what goes wrong with that is told in the error's `suppressed`. */
export async function takeBack(error: unknown, step: () => Promise<unknown>): Promise<void> {
  try {
    await step()
  } catch (second) {
    if (error instanceof NetprimError) error.suppressed.push(second)
    else if (error instanceof Error && Object.isExtensible(error)) {
      const { suppressed = [] } = error as { suppressed?: unknown[] }
      Object.assign(error, { suppressed: [...suppressed, second] })
    }
  }
}

/** True for a {@link NetprimError} with one of the codes. */
export function isRefusal(error: unknown, ...codes: string[]): error is NetprimError {
  return error instanceof NetprimError && codes.includes(error.code)
}

/** A handle was used after it had been closed. */
export function closedError(what: string): Error {
  return Object.assign(new Error(`the ${what} is closed`), { code: 'ERR_NETPRIM_CLOSED' })
}
