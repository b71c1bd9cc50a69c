/** The settings below /proc/sys/net as a namespace sees them (sysctl(8), Documentation/networking/ip-sysctl.rst). */
import { isFailure, native, type Handle, type SysctlAccess } from './native.js'
import { refusalError } from './refusal.js'
import { pathOfSetting } from './setting-path.js'
import { invalidArgType } from './validate.js'

function textOf(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value)) return String(value)
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  throw invalidArgType('value', 'text or a whole number', value)
}

/** The access that writes a setting. */
export function writing(key: string, value: string | number): SysctlAccess {
  return { path: pathOfSetting(key), value: textOf(value) }
}

/** Reads and writes the network settings of one namespace. */
export class Sysctl {
  readonly #netns: () => Handle

  /** @internal */
  constructor(netns: () => Handle) {
    this.#netns = netns
  }

  /**
   * Reads a setting.
   *
   * @param key - as `'net.ipv4.ip_forward'`; in the name of a link a dot is written as a slash
   * @returns the text of the file, without the newline at its end
   * @throws {@link NetprimError} ENOENT if there is no such setting
   */
  async get(key: string): Promise<string> {
    const [value = ''] = await this.#access('sysctl.get', [{ path: pathOfSetting(key) }], key)
    return value.trimEnd()
  }

  /**
   * Writes a setting. Needs CAP_NET_ADMIN in the namespace, or root.
   *
   * @param key - as for {@link get}
   * @throws {@link NetprimError} ENOENT if there is no such setting, EINVAL if the kernel does not take the value
   */
  async set(key: string, value: string | number): Promise<void> {
    await this.#access('sysctl.set', [writing(key, value)], key)
  }

  /** Writes several settings in their order, in one visit to the namespace. */
  async setAll(settings: Readonly<Record<string, string | number>>): Promise<void> {
    const accesses = Object.entries(settings).map(([key, value]) => writing(key, value))
    if (accesses.length > 0) await this.#access('sysctl.setAll', accesses)
  }

  async #access(operation: string, accesses: readonly SysctlAccess[], target?: string): Promise<string[]> {
    const result = await native.accessSysctls(this.#netns(), accesses)
    if (isFailure(result)) throw refusalError({ syscall: result.syscall, operation, target }, result)
    return result
  }
}
