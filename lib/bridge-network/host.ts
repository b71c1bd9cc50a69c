/** What a network asks of the host around it: which subnets it uses, how large its packets are, whether it forwards. */
import { readLink } from '../link-record.js'
import type { SysctlAccess } from '../native.js'
import type { Netns } from '../netns.js'
import type { RouteRecord } from '../route-options.js'
import { writing } from '../sysctl.js'
import { readClaims, type Claim } from './claims.js'
import { Subnet } from './subnet.js'

const forwardingKey = 'net.ipv4.ip_forward'
const redirectsKey = 'net.ipv4.conf.all.accept_redirects'
const defaultMtu = 1500

/** The host's IPv4 routes. */
export function readRoutes(host: Netns): Promise<RouteRecord[]> {
  return host.routes.list({ family: 'ipv4' })
}

/** The subnets that routes lead to, the default route's apart. */
export function routedSubnets(routes: readonly RouteRecord[]): Subnet[] {
  return routes.filter(({ to }) => to !== 'default').map(({ to }) => Subnet.of(to))
}

/** The subnets that lie at one of the host's own links. */
export function connectedSubnets(routes: readonly RouteRecord[]): Subnet[] {
  return routedSubnets(routes.filter(({ scope }) => scope === 'link'))
}

/** The MTU of the link that the default route leads through. */
export async function uplinkMtu(host: Netns, routes: readonly RouteRecord[], operation: string): Promise<number> {
  const [uplink] = routes.filter(({ to }) => to === 'default').sort((one, other) => (one.metric ?? 0) - (other.metric ?? 0))
  const index = uplink?.link ?? uplink?.nexthops?.[0]?.link
  return index === undefined ? defaultMtu : (await readLink(host, index, { operation })).mtu
}

/** True if the host forwards IPv4 packets. */
export async function forwards(host: Netns): Promise<boolean> {
  return (await host.sysctl.get(forwardingKey)) !== '0'
}

/** Lets the host forward for netprim's networks, and answer at 127.0.0.1 for this bridge's containers. */
export async function openHost(host: Netns, bridge: string, forwarding: boolean): Promise<void> {
  const routeLocalnet = { [`net.ipv4.conf.${sysctlName(bridge)}.route_localnet`]: 1 }
  await host.sysctl.setAll(forwarding ? { ...routeLocalnet, [forwardingKey]: 1 } : routeLocalnet)
}

const noteSet = 'forwarding'

/**
 * The element that remembers that forwarding was off before netprim turned it on, and, if it is off still, what else changes with
 * it.
 */
export async function forwardingNote(host: Netns, isOff: boolean): Promise<Claim> {
  const settings = [`${forwardingKey}=0`, ...(isOff ? [`${redirectsKey}=${await host.sysctl.get(redirectsKey)}`] : [])]
  return { set: noteSet, key: 'ipv4', comment: settings.join(' '), shared: true }
}

/** What the host's settings were if netprim turned forwarding on, and so has to turn it off again; undefined if it did not. */
export async function settingsBefore(host: Netns): Promise<Readonly<Record<string, string>> | undefined> {
  const note = (await readClaims(host, noteSet)).find(({ key }) => key === 'ipv4')
  return note && Object.fromEntries((note.comment ?? '').split(' ').map((setting) => setting.split('=') as [string, string]))
}

/** Turns forwarding on. */
export async function startForwarding(host: Netns): Promise<void> {
  await host.sysctl.set(forwardingKey, 1)
}

/** Turns forwarding off; of its own, the kernel would begin to take redirects with that. */
export async function stopForwarding(host: Netns, before: Readonly<Record<string, string>> = {}): Promise<void> {
  await host.sysctl.setAll({ [forwardingKey]: 0, ...before })
}

/** No IPv6 on this link: what has no address of a family shall not listen to its neighbours in it. */
export function ipv6Disabled(link: string): SysctlAccess {
  return writing(`net.ipv6.conf.${sysctlName(link)}.disable_ipv6`, 1)
}

/** In a key, the dot of a link's name is a slash. */
function sysctlName(link: string): string {
  return link.replaceAll('.', '/')
}
