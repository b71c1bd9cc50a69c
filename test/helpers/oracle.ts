// What other programs say about a namespace: the oracles of the live tests.
import { execFileSync, spawnSync } from 'node:child_process'
import type { Netns } from 'netprim'

/** What iproute2 prints with -j for a link, an address, a route…: the members that tests read by name; each has those of its sort. */
export interface Json {
  readonly [member: string]: unknown
  readonly ifindex: number
  readonly ifname: string
  readonly ifalias?: string
  readonly link?: string | null
  readonly master?: string
  readonly group: string
  readonly mtu: number
  readonly operstate: string
  readonly flags: string[]
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: unknown; readonly info_slave_data?: unknown }
  readonly addr_info: Json[]
  readonly local?: string
  readonly prefixlen: number
  readonly scope: string
  readonly valid_life_time: number
  readonly preferred_life_time: number
}

/** Runs a program in the namespace; returns what it printed, throws with what it complained about. */
export function runIn(netns: Netns, program: string, ...args: string[]): string {
  return netns.run(() => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** Runs `ip` in the namespace. */
export function ip(netns: Netns, ...args: string[]): string {
  return runIn(netns, 'ip', ...args)
}

/** What `ip -j -d` prints, parsed. `ip` prints nothing at all where there is nothing to show. */
export function ipJson(netns: Netns, ...args: string[]): Json[] {
  const printed = ip(netns, '-j', '-d', ...args).trim()
  // With a filter that fits nothing, some versions print empty objects.
  return printed === '' ? [] : (JSON.parse(printed) as Json[]).filter((one) => Object.keys(one as object).length > 0)
}

/** What `ip -j -d link show` says of one link; undefined if it isn't there, which the type leaves to the test to expect. */
export function ipLink(netns: Netns, name: string): Json {
  return ipJson(netns, 'link', 'show').find((link) => link.ifname === name)!
}

/** The addresses of a link as `ip` shows them, as '10.0.0.1/24'; those of other scopes than the global are left out. */
export function globalAddresses(netns: Netns, link: string): string[] {
  const [shown] = ipJson(netns, 'address', 'show', 'dev', link, 'scope', 'global')
  const all = (shown?.addr_info ?? []).filter((one) => one.local !== undefined)
  return all.map((one) => `${one.local!}/${one.prefixlen}`)
}

/**
 * Why this kernel makes no link of the kind (with these options), in the words of `ip`; undefined if it does. Asked in a namespace
 * that is gone at once.
 */
export function refusalOfKind(kind: string, ...options: string[]): string | undefined {
  const tried = spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'probe0', 'type', kind, ...options], { encoding: 'utf8' })
  return /Unknown device type|not supported|Operation not permitted/.exec(tried.stderr)?.[0]
}

let names = 0

/** What the names that {@link uniqueName} gives in this process begin with. */
export const uniqueNames = `np-test-${process.pid}-`

/** A name for /run/netns that no other test file and no other run has. */
export function uniqueName(): string {
  return `${uniqueNames}${names++}`
}
