/** Where the file of a network setting lies, and what the setting at a path is called (sysctl(8)). */
import { invalidArgType, invalidArgValue } from './validate.js'

const root = '/proc/sys/'

/** '/proc/sys/net/ipv4/ip_forward' for 'net.ipv4.ip_forward'; as in sysctl(8), a key whose first separator is '/' is a path already. */
export function pathOfSetting(key: unknown): string {
  if (typeof key !== 'string') throw invalidArgType('key', 'a string', key)
  const dotted = /^[^/]*\./.test(key)
  const parts = dotted ? key.split('.').map((part) => part.replaceAll('/', '.')) : key.split('/')
  const clean = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))
  if (!clean || parts[0] !== 'net' || parts.length < 3) throw invalidArgValue('key', "a key as 'net.ipv4.ip_forward'", key)
  return root + parts.join('/')
}

/** The key of the setting at this path; undefined if that is no setting's. A dot in the name of a link becomes a slash. */
export function settingAt(path: string): string | undefined {
  if (!path.startsWith(root)) return undefined
  const parts = path.slice(root.length).split('/')
  return parts.map((part) => part.replaceAll('.', '/')).join('.')
}
