/** Loads the addon, and says what each of its functions takes and gives. Nothing else knows how the addon is found. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import type { CodecNative } from './codec/native-types.js'

const requireAddon = createRequire(__filename)

/** An open file descriptor, owned by the addon. */
export interface Handle {
  readonly __handle: unique symbol
}

/** What a system call refused. */
export interface Failure {
  readonly syscall: string
  readonly errno: number
  readonly path?: string
}

/** What the kernel refused of a transaction's messages. */
export interface Refusal {
  /** Index of the message. */
  readonly request: number
  readonly errno: number
  readonly message?: string
  /** Where in the message the attribute stands that the kernel pointed at. */
  readonly offset?: number
  /** Kernel number of the attribute that the kernel missed. */
  readonly missingType?: number
}

/** What the kernel said to the messages of one datagram. */
export interface Outcome {
  readonly refusals: readonly Refusal[]
  /** The messages that they were answered with, one after the other. */
  readonly replies: Uint8Array
  /** By index of the message: where its replies end. Those behind the last have none. */
  readonly replyEnds: ArrayLike<number>
  /** What was dumped changed meanwhile (NLM_F_DUMP_INTR). */
  readonly interrupted: boolean
  /** What is left of a dump. */
  readonly rest?: RestOfDump
}

/** What came of a datagram: of one message that was not refused, only its replies. */
export type Answer = Outcome | Uint8Array | Failure

/** A dump that has not been received whole. */
export interface RestOfDump {
  readonly __rest: unique symbol
}

/** One file below /proc/sys/net: written if there is a value, else read. */
export interface SysctlAccess {
  readonly path: string
  readonly value?: string
}

/** A plain record on its way to or from the tables of `native/`; an absent member is an absent attribute. */
export type NativeRecord = Readonly<Record<string, unknown>>

export interface Native extends CodecNative {
  closeHandle(handle: Handle): void
  handleFd(handle: Handle): number

  /**
   * Makes a namespace, and opens a socket for rtnetlink in it.
   *
   * @param goesOn - this thread has other work before it waits: the kernel shall begin meanwhile
   */
  createNamespace(goesOn: boolean, name?: string): Promise<{ readonly netns: Handle; readonly route: Handle } | Failure>
  openNamespace(path: string): Promise<Handle | Failure>
  duplicateNamespace(fd: number): Handle | Failure
  /** Takes the name away if it is this namespace's. */
  unpinNamespace(name: string, inode: number): Promise<undefined | Failure>
  currentNamespace(): Handle | Failure
  namespaceInode(netns: Handle): number
  runInNamespace<Result>(netns: Handle, action: () => Result): { readonly value: Result } | Failure
  accessSysctls(netns: Handle, accesses: readonly SysctlAccess[]): Promise<string[] | Failure>

  openSocket(netns: Handle, protocol: 'route' | 'netfilter'): Promise<Handle | Failure>
  /** For a socket of netfilter, which the kernel closes when no transaction of nftables, whoever's, is under way in its namespace. */
  closeSocket(socket: Handle): Promise<undefined>
  /**
   * Sends messages in one datagram, and receives what they are answered with.
   *
   * @param goesOn - as for {@link createNamespace}
   */
  transact(socket: Handle, kind: 'list' | 'batch' | 'dump', datagram: Uint8Array, goesOn: boolean): Promise<Answer>
  /**
   * Goes from namespace to namespace: writes settings (what there is no file of is left out) and sends messages, over sockets of its own.
   * Goes no farther than to where something is refused.
   */
  tour(
    stops: readonly { readonly netns: Handle; readonly settings: readonly SysctlAccess[]; readonly datagram: Uint8Array }[],
  ): Promise<readonly Answer[]>
  /** Receives the next pieces of a dump, of which there may be fewer. */
  goOn(rest: RestOfDump, count: number): readonly Promise<Answer>[]
  /**
   * The same for messages that delete these links: `told` is settled as soon as the kernel has told that they are gone. It goes on with
   * them until `ended`; before that the socket must not be used.
   */
  deleteLinks(
    socket: Handle,
    datagram: Uint8Array,
    indexes: readonly number[],
  ): { readonly told: Promise<Answer>; readonly ended: Promise<undefined> }

  describeErrno(errno: number): { readonly code: string; readonly text: string }
}

/** Tells a failure from what was asked for. */
export function isFailure(result: unknown): result is Failure {
  return typeof result === 'object' && result !== null && 'syscall' in result && 'errno' in result
}

function load(): Native {
  const places = ['build/Release', `prebuilds/linux-${process.arch}-glibc`, `prebuilds/linux-${process.arch}-musl`]
  const causes: string[] = []
  for (const place of places) {
    const file = path.join(__dirname, '..', place, 'netprim.node')
    if (!existsSync(file)) continue
    try {
      return requireAddon(file) as Native
    } catch (error) {
      causes.push((error as Error).message)
    }
  }
  const why = causes.length === 0 ? '' : ` (${causes.join('; ')})`
  throw new Error(`netprim has no addon that works on ${process.platform}-${process.arch}: build one with \`npx netprim-build\`${why}`)
}

/** The addon. */
export const native: Native = load()
