/** How a network and its endpoints are recognised in the kernel: names of links, their aliases, comments of nftables elements. */
import { createHash } from 'node:crypto'

const prefix = 'netprim '

/** What the alias of a bridge says; the rest shows in the link and its address. Defaults are left out. */
export interface NetworkIdentity {
  readonly network: string
  readonly masquerade?: false
  readonly icc?: false
  readonly internal?: true
  /** Forwarding was off when this network was made. */
  readonly forwarding?: 'enabled'
}

/** What the alias of an endpoint's host link says. */
export interface EndpointIdentity {
  readonly network: string
  readonly endpoint: string
  /** Tells it from others that had, or will have, its name. */
  readonly id: string
  readonly ip: string
  readonly mac: string
  readonly ifname: string
  /** Nobody has asked for it yet. */
  readonly spare?: true
}

/** An identity as the text of a link's alias. */
export function toAlias(identity: NetworkIdentity | EndpointIdentity): string {
  return prefix + JSON.stringify(identity)
}

function fromAlias(alias: string | undefined): Record<string, unknown> | undefined {
  if (alias?.startsWith(prefix) !== true) return undefined
  try {
    return JSON.parse(alias.slice(prefix.length)) as Record<string, unknown>
  } catch {
    // Somebody else's text.
    return undefined
  }
}

/** The network that a link is the bridge of. */
export function networkOf(link: { readonly alias: string | undefined }): NetworkIdentity | undefined {
  const identity = fromAlias(link.alias)
  return identity !== undefined && 'network' in identity && !('endpoint' in identity) ? (identity as unknown as NetworkIdentity) : undefined
}

/** The endpoint that a link is the host end of. */
export function endpointOf(link: { readonly alias: string | undefined }): EndpointIdentity | undefined {
  const identity = fromAlias(link.alias)
  return identity !== undefined && 'endpoint' in identity ? (identity as unknown as EndpointIdentity) : undefined
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}

/** The link name of a network's bridge: two that create the same network meet at this name. */
export function bridgeName(network: string): string {
  return network.length <= 12 ? `br-${network}` : `br-${digest(network, 12)}`
}

/** The link name of an endpoint's host end: the kernel lets each endpoint be made once. */
export function hostLinkName(network: string, endpoint: string): string {
  return `veth${digest(`${network}/${endpoint}`, 11)}`
}

/** The comment on what belongs to an endpoint. */
export function ownerOf({ network, endpoint, id }: Pick<EndpointIdentity, 'network' | 'endpoint' | 'id'>): string {
  return `${network}/${endpoint}#${id}`
}

/** An owner as messages name it. */
export function ownerName(owner: string | undefined): string {
  return owner?.split('#')[0] ?? 'another endpoint'
}
