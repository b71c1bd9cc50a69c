/** Network namespaces: a handle that holds one, never a place to be in (network_namespaces(7), ip-netns(8)). */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { readdir, stat } from 'node:fs'
import { promisify } from 'node:util'
import { closedError } from './errors.js'
import { isFailure, native, type Failure, type Handle } from './native.js'
import { refusalError } from './refusal.js'
import { NetlinkSocket } from './socket.js'
import { Sysctl } from './sysctl.js'
import { isTurnAwaited } from './turns.js'
import { checkOptions, integer, invalidArgType, invalidArgValue, text, type Check, type Checks } from './validate.js'

const pinDirectory = '/run/netns'

/** Which namespace {@link Netns.open} opens. */
export type NetnsReference =
  | string
  /** A file that is a network namespace, as `/proc/1/ns/net`. */
  | { readonly path: string }
  /** The namespace of a process (of its main thread). */
  | { readonly pid: number }
  /** An open file descriptor of a namespace; it is duplicated, and stays the caller's. */
  | { readonly fd: number }

/** A name that can be pinned below /run/netns: 1 to 255 bytes, no '/', not '.' or '..'. */
const pinName: Check = (option, value) => {
  text(255)(option, value)
  if (value === '' || value === '.' || value === '..' || (value as string).includes('/')) {
    throw invalidArgValue(option, "1 to 255 bytes without '/', and not '.' or '..'", value)
  }
}

const referenceChecks: Checks = { path: text(4095), pid: integer(1, 0x7fff_ffff), fd: integer(0, 0x7fff_ffff) }

/** The file, or the open descriptor, that a reference means. */
function fileOf(reference: NetnsReference): string | number {
  if (typeof reference === 'string') {
    pinName('name', reference)
    return `${pinDirectory}/${reference}`
  }
  checkOptions(reference, referenceChecks, 'reference')
  const { path, pid, fd } = reference as { path?: string; pid?: number; fd?: number }
  const [file, ...others] = [path, pid === undefined ? undefined : `/proc/${pid}/ns/net`, fd].filter((one) => one !== undefined)
  if (file === undefined || others.length > 0) throw invalidArgValue('reference', 'a name, { path }, { pid } or { fd }', reference)
  return file
}

let poolIsWarm = false

/**
 * libuv starts its threads at the first use of its pool, where the calling thread stands; inside a namespace they would stay
 * there for good. So the first use is made here, outside.
 */
function warmPool(): void {
  if (poolIsWarm) return
  poolIsWarm = true
  stat('/', () => undefined)
}

let current: Netns | undefined

/**
 * A network namespace, held by a file descriptor: it lives at least as long as the handle.
 *
 * Operations in a namespace go through netlink sockets that were opened inside it; no thread of the process changes its namespace.
 * Reaching another namespace than the caller's own needs CAP_SYS_ADMIN; changing something in one, CAP_NET_ADMIN there.
 */
export class Netns {
  /** Name below /run/netns, if it was created or opened by name. */
  readonly name: string | undefined
  /** Number that identifies the namespace on this machine while it lives, as in `net:[4026531840]`. */
  readonly inode: number
  /** Settings below /proc/sys/net of this namespace. */
  readonly sysctl: Sysctl
  readonly #handle: Handle
  readonly #owned: boolean
  readonly #shared: boolean
  /** @internal */
  readonly route: NetlinkSocket
  /** @internal */
  readonly netfilter: NetlinkSocket
  readonly #users = new Set<Promise<unknown>>()
  #closed = false
  #closing: Promise<void> | undefined
  #deleting: Promise<void> | undefined

  private constructor(handle: Handle, name: string | undefined, belongs: 'owned' | 'borrowed' | 'shared', route?: Handle) {
    this.#handle = handle
    this.#owned = belongs === 'owned'
    this.#shared = belongs === 'shared'
    this.name = name
    this.inode = native.namespaceInode(handle)
    this.sysctl = new Sysctl(() => this.handle)
    this.route = new NetlinkSocket(handle, 'route', route)
    this.netfilter = new NetlinkSocket(handle, 'netfilter')
  }

  /**
   * The namespace of the calling thread; the same handle for as long as it is the same namespace, which everybody shares and nobody
   * closes. Needs no privilege.
   *
   * @throws {@link NetprimError} ENOENT if /proc is not mounted
   */
  static current(): Netns {
    const handle = Netns.#opened(native.currentNamespace(), 'Netns.current')
    if (current === undefined || current.inode !== native.namespaceInode(handle)) {
      current = new Netns(handle, undefined, 'shared')
    } else {
      native.closeHandle(handle)
    }
    return current
  }

  /**
   * Makes a namespace. With a name it is pinned at `/run/netns/NAME` as `ip netns add` does it, and outlives the handle and the
   * process; without, it lives as long as the handle and what else refers to it. Needs CAP_SYS_ADMIN.
   *
   * The handle owns what it created: leaving an `await using` scope deletes the namespace.
   *
   * @param name - 1 to 255 bytes, no '/'
   * @throws {@link NetprimError} EEXIST if the name is taken
   */
  static async create(name?: string): Promise<Netns> {
    if (name !== undefined) pinName('name', name)
    const created = await native.createNamespace(isTurnAwaited(), name)
    const { netns, route } = Netns.#opened(created, 'Netns.create', name)
    return new Netns(netns, name, 'owned', route)
  }

  /**
   * Opens a namespace that is there already; the handle borrows it.
   *
   * @param reference - a name below /run/netns, `{ path }`, `{ pid }` or `{ fd }`
   * @throws {@link NetprimError} ENOENT if there is none, EINVAL if the file is no network namespace, EBADF if the
   * descriptor is not open, EACCES for a foreign process
   */
  static async open(reference: NetnsReference): Promise<Netns> {
    const file = fileOf(reference)
    const opened = typeof file === 'number' ? native.duplicateNamespace(file) : await native.openNamespace(file)
    const name = typeof reference === 'string' ? reference : undefined
    return new Netns(Netns.#opened(opened, 'Netns.open', name), name, 'borrowed')
  }

  /** The names below /run/netns in their order, as `ip netns list` knows them; empty if there are none. */
  static async list(): Promise<string[]> {
    try {
      return (await promisify(readdir)(pinDirectory)).sort()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  /**
   * @internal Gives every namespace the list of a room that is built on top of namespaces, so that this file need not know it.
   * The room says so to TypeScript by adding the member to this class's interface.
   */
  static extend<Name extends keyof Netns>(name: Name, make: (netns: Netns) => Netns[Name]): void {
    Object.defineProperty(Netns.prototype, name, {
      get(this: Netns) {
        const value = make(this)
        Object.defineProperty(this, name, { value })
        return value
      },
    })
  }

  static #opened<Result extends object>(result: Result | Failure, operation: string, target?: string): Result {
    if (isFailure(result)) throw refusalError({ syscall: result.syscall, operation, target: target ?? result.path }, result)
    return result
  }

  /** A file that leads to the namespace while this handle is open: the pinned one, or that of the handle's own descriptor. */
  get path(): string {
    return this.name === undefined ? `/proc/${process.pid}/fd/${this.fd}` : `${pinDirectory}/${this.name}`
  }

  /** The handle's file descriptor. It stays the handle's: duplicate it to keep it. */
  get fd(): number {
    return native.handleFd(this.handle)
  }

  /** @internal */
  get handle(): Handle {
    if (this.#closed) throw closedError('network namespace')
    return this.#handle
  }

  /**
   * Calls a synchronous function with this thread inside the namespace, and returns what it returns. Needs CAP_SYS_ADMIN.
   *
   * What the function starts synchronously belongs to the namespace: processes, and servers that `listen(port)` without a host.
   * What Node starts later does not: `listen(port, host)`, `connect`, and everything behind the first `await` of an async function.
   * Do not start a Worker in it: its threads would stay in the namespace.
   *
   * @throws {@link NetprimError} EPERM without privilege; whatever the function throws
   */
  run<Result>(action: () => Result): Result {
    if (typeof action !== 'function') throw invalidArgType('action', 'a function', action)
    const { handle } = this
    warmPool()
    const outside = current
    const result = native.runInNamespace(handle, () => {
      try {
        return action()
      } finally {
        // What is current in here is not when it is over.
        current = outside
      }
    })
    if ('value' in result) return result.value
    throw refusalError({ syscall: result.syscall, operation: 'Netns.run', target: this.name }, result)
  }

  /**
   * Starts a process inside the namespace; as `child_process.spawn`, which does the work.
   *
   * Unlike `ip netns exec` it mounts nothing: /sys and /etc/resolv.conf are the caller's.
   */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    return this.run(() => spawn(command, args, options))
  }

  /** Closes the handle once what is in flight has been answered. The namespace lives on if something else holds it. May be called twice. */
  close(): Promise<void> {
    if (this.#shared) return Promise.resolve()
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    while (this.#users.size > 0) await Promise.allSettled(this.#users)
    this.#closed = true
    await Promise.all([this.route.close(), this.netfilter.close()])
    native.closeHandle(this.#handle)
  }

  /**
   * @internal Keeps the namespace open until an operation of several steps has ended, or one elsewhere that names the descriptor:
   * its number, once closed, may soon be another file's.
   */
  usedBy<Result>(operation: Promise<Result>): Promise<Result> {
    const leave = (): void => void this.#users.delete(operation)
    this.#users.add(operation)
    operation.then(leave, leave)
    return operation
  }

  /**
   * Takes the namespace's name away, as `ip netns delete`, and closes the handle. The kernel ends the namespace, with its links,
   * once no process and no other handle uses it. May be called twice. Needs CAP_SYS_ADMIN if it has a name.
   *
   * @throws {@link NetprimError} EPERM without privilege
   */
  delete(): Promise<void> {
    this.#deleting ??= this.#unpin()
      .then(() => this.close())
      .catch((error: unknown) => {
        this.#deleting = undefined
        throw error
      })
    return this.#deleting
  }

  async #unpin(): Promise<void> {
    if (this.name === undefined) return
    const failure = await native.unpinNamespace(this.name, this.inode)
    if (failure === undefined) return
    const error = refusalError({ syscall: failure.syscall, operation: 'Netns.delete', target: this.name }, failure)
    // Somebody else took the name away, and may have given it to another namespace: what was asked for is so.
    if (error.code !== 'ENOENT') throw error
  }

  /** Deletes what this handle created; closes what it opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#owned ? this.delete().finally(() => this.close()) : this.close())
  }
}

/** The namespace of an option: the one given, or the calling thread's. */
export function netnsOrCurrent(netns: Netns | undefined): Netns {
  return netns ?? Netns.current()
}

/** An open namespace handle. */
export const netnsHandle: Check = (option, value) => {
  if (!(value instanceof Netns)) throw invalidArgType(option, 'a Netns', value)
}
