/** A container's place in a bridge network. */
import { dropConnections, type ConnectionFilter } from '../conntrack.js'
import { during } from '../errors.js'
import type { Link } from '../links/link.js'
import type { Netns } from '../netns.js'
import { addressClaim, claimAll, portClaims, releaseAll, type Claim } from './claims.js'
import { ownerOf } from './identity.js'
import { checkPublishOptions, checkPublishedPort, published, type PublishOptions, type Published, type PublishedPort } from './options.js'

/** What an endpoint is made from. */
interface EndpointParts {
  readonly network: {
    readonly name: string
    readonly netns: Netns
    readonly bridge: Link
    readonly gateway: string
    readonly prefixLength: number
    readonly internal: boolean
  }
  readonly name: string
  readonly netns: Netns
  readonly ifname: string
  readonly mac: string
  readonly ip: string
  readonly link: Link
  readonly published: readonly Published[]
}

function samePort(one: Published, other: Published): boolean {
  return one.hostPort === other.hostPort && one.protocol === other.protocol && one.hostIp === other.hostIp
}

function portName({ hostIp = '*', hostPort, protocol }: Published): string {
  return `${hostIp}:${hostPort}/${protocol}`
}

/**
 * Drops what the host's connection tracking knows of packets to these ports, so that they meet the new rules: whoever has been
 * speaking to the port when nobody, or somebody else, answered there.
 */
export async function dropStaleConnections(host: Netns, ports: readonly Published[], operation: string): Promise<void> {
  if (ports.length === 0) return
  const own = (await host.addresses.list({ family: 'ipv4' })).map(({ address }) => address.split('/')[0] ?? '')
  const filters = ports.flatMap(({ hostIp, hostPort, protocol }) =>
    (hostIp === undefined ? own : [hostIp]).map((dst): ConnectionFilter => ({ family: 'ipv4', orig: { dst, protocol, dport: hostPort } })),
  )
  await dropConnections(host, filters, operation)
}

/**
 * One end of a container's cable: its link in the container, its address, and the ports that the host answers for.
 */
export class Endpoint {
  /** Name, unique in the network. */
  readonly name: string
  /** The container's namespace. */
  readonly netns: Netns
  /** Name of the link in the container. */
  readonly ifname: string
  /** Link-layer address in the container. */
  readonly mac: string
  /** Addresses with the lengths of their prefixes, as `'172.30.0.2/24'`. */
  readonly addresses: readonly string[]
  /** Address of the bridge, which the container's default route leads to (unless the network is internal). */
  readonly gateway: string
  /** The end of the cable in the host's namespace, a port of the bridge. */
  readonly link: Link
  readonly #parts: EndpointParts
  #published: readonly Published[]
  #detaching: Promise<void> | undefined

  /** @internal */
  constructor(parts: EndpointParts) {
    this.#parts = parts
    this.name = parts.name
    this.netns = parts.netns
    this.ifname = parts.ifname
    this.mac = parts.mac
    this.addresses = Object.freeze([`${parts.ip}/${parts.network.prefixLength}`])
    this.gateway = parts.network.gateway
    this.link = parts.link
    this.#published = parts.published
  }

  /** The ports that the host answers for, on behalf of this container. */
  get published(): readonly Readonly<Published>[] {
    return this.#published
  }

  /**
   * Publishes a port: what reaches the host there, from outside, from itself or from a container, goes to the container.
   *
   * @throws {@link NetprimError} EEXIST if the port is published already; `detail` says by whom
   */
  async publish(options: PublishOptions): Promise<void> {
    const { network, ip } = this.#parts
    checkPublishOptions(options, network.internal)
    const port = published(options)
    const operation = 'Endpoint.publish'
    await claimAll(network.netns, portClaims(port, ip, this.#owner), operation, this.#portTarget(port))
    this.#published = [...this.#published, port]
    await dropStaleConnections(network.netns, [port], operation)
  }

  /** Takes a published port back; connections through it end. One that is not published by this endpoint is no error. */
  async unpublish(options: PublishedPort): Promise<void> {
    checkPublishedPort(options)
    const { network, ip } = this.#parts
    const port = published(options)
    const operation = 'Endpoint.unpublish'
    try {
      const [, claim] = portClaims(port, ip, this.#owner)
      await releaseAll(network.netns, this.#owner, [claim])
      this.#published = this.#published.filter((other) => !samePort(other, port))
      const { protocol, hostPort } = port
      const through = { family: 'ipv4', orig: { protocol, dport: hostPort }, reply: { protocol, src: ip } } as const
      await dropConnections(network.netns, [through], operation)
    } catch (error) {
      throw during(error, operation, this.#portTarget(port))
    }
  }

  /**
   * Takes the container off the network: ports, address, link. A container's namespace that is gone is no error. May be called
   * twice.
   */
  detach(): Promise<void> {
    this.#detaching ??= this.#detach().catch((error: unknown) => {
      this.#detaching = undefined
      throw during(error, 'Endpoint.detach', this.name)
    })
    return this.#detaching
  }

  /** Takes the container off the network. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.detach()
  }

  /** Rules first, so that nothing is led to an address that is nobody's. */
  async #detach(): Promise<void> {
    const { network, ip, link } = this.#parts
    await releaseAll(network.netns, this.#owner, this.#claims())
    this.#published = []
    await link.delete()
    const own = [{ orig: { src: ip } }, { reply: { src: ip } }] as const
    await dropConnections(
      network.netns,
      own.map((filter) => ({ family: 'ipv4', ...filter })),
      'Endpoint.detach',
    )
  }

  #claims(): Claim[] {
    const { network, ip } = this.#parts
    const ports = this.#published.map((port) => portClaims(port, ip, this.#owner)[1])
    return [addressClaim(network.bridge.name, ip, this.#owner), ...ports]
  }

  get #owner(): string {
    return ownerOf(this.#parts.network.name, this.name)
  }

  #portTarget(port: Published): string {
    return `${this.name} ${portName(port)}`
  }
}
