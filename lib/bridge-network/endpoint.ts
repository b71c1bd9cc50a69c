/** A container's place in a bridge network. */
import { dropConnections, type ConnectionFilter } from '../conntrack.js'
import { closedError, during, takeBack } from '../errors.js'
import type { Link } from '../links/link.js'
import type { Netns } from '../netns.js'
import { allAnswered } from '../all-answered.js'
import { addressClaim, claimAll, portClaims, releaseAll } from './claims.js'
import { Company } from './company.js'
import { checkPublishOptions, checkPublishedPort, published, type PublishOptions, type Published, type PublishedPort } from './options.js'

/** What an endpoint is made from. */
export interface EndpointParts {
  readonly network: {
    readonly name: string
    readonly netns: Netns
    readonly bridge: Link
    readonly gateway: string
    readonly prefixLength: number
    readonly internal: boolean
  }
  readonly name: string
  /** Random part of the owner. */
  readonly id: string
  readonly owner: string
  readonly netns: Netns
  /** The namespace was made for this endpoint, and is closed with it. */
  readonly ownsNetns: boolean
  readonly ifname: string
  readonly mac: string
  readonly ip: string
  readonly link: Link
  readonly published: readonly Published[]
}

/** The connections that come to a container by a published port. */
function connectionsThrough({ protocol, hostPort, hostIp }: Published, ip: string): ConnectionFilter {
  return { family: 'ipv4', orig: { protocol, dport: hostPort, ...(hostIp !== undefined && { dst: hostIp }) }, reply: { protocol, src: ip } }
}

/** The connections from and to a container. */
export function connectionsOf(ip: string): ConnectionFilter[] {
  return [
    { family: 'ipv4', orig: { src: ip } },
    { family: 'ipv4', reply: { src: ip } },
  ]
}

function portName({ hostIp = '*', hostPort, protocol }: Published): string {
  return `${hostIp}:${hostPort}/${protocol}`
}

/** Addresses that the host answers at. Routes tell of these alone; for the addresses themselves the kernel goes through all links. */
async function ownAddresses(host: Netns): Promise<string[]> {
  const routes = await host.routes.list({ family: 'ipv4', table: 'local' })
  return routes.filter(({ type, to }) => type === 'local' && !to.includes('/')).map(({ to }) => to)
}

interface StaleConnections {
  readonly ports: readonly Published[]
  readonly operation: string
}

const droppingStale = new Company<StaleConnections>(async (host, several) => {
  const own = await ownAddresses(host)
  const connectionsTo = ({ hostIp, hostPort, protocol }: Published): ConnectionFilter[] =>
    (hostIp === undefined ? own : [hostIp]).map((dst) => ({ family: 'ipv4', orig: { dst, protocol, dport: hostPort } }))
  await allAnswered(several.map(({ ports, operation }) => dropConnections(host, ports.flatMap(connectionsTo), operation)))
})

/**
 * Drops what the host's connection tracking knows of packets to these ports, so that they meet the new rules: whoever has been
 * speaking to the port when nobody, or somebody else, answered there.
 */
export async function dropStaleConnections(host: Netns, ports: readonly Published[], operation: string): Promise<void> {
  if (ports.length > 0) await droppingStale.join(host, { ports, operation })
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
  /** @internal */
  readonly parts: EndpointParts
  #published: readonly Published[]
  #turn: Promise<void> = Promise.resolve()
  #detaching: Promise<void> | undefined
  #detached = false

  /** @internal */
  constructor(parts: EndpointParts) {
    this.parts = parts
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
   * Publishes a port: what reaches the host there, from outside, from itself or from a container, goes to the container, and no
   * longer to a program of the host that listens there.
   *
   * @throws {@link NetprimError} EEXIST if the port is published already; `detail` says by whom
   */
  async publish(options: PublishOptions): Promise<void> {
    checkPublishOptions(options, this.parts.network.internal)
    const port = published(options)
    await this.#inTurn(() => this.#publish(port))
  }

  /**
   * Takes a published port back; connections through it end. Without `hostIp` it is taken back at every address of the host that
   * this endpoint published it at. One that is not published by this endpoint is no error.
   */
  async unpublish(options: PublishedPort): Promise<void> {
    checkPublishedPort(options)
    const { hostPort, protocol, hostIp } = published(options)
    await this.#inTurn(() => {
      const ports = this.#published.filter((port) => port.hostPort === hostPort && port.protocol === protocol)
      return this.#unpublish(hostIp === undefined ? ports : ports.filter((port) => port.hostIp === hostIp))
    })
  }

  /**
   * Takes the container off the network: ports, link, address. A container's namespace that is gone is no error. May be called
   * twice.
   */
  detach(): Promise<void> {
    this.#detaching ??= this.#inTurn(() => this.#detach()).catch((error: unknown) => {
      this.#detaching = undefined
      throw during(error, 'Endpoint.detach', this.name)
    })
    return this.#detaching
  }

  /** Takes the container off the network, and closes the namespace if {@link BridgeNetwork.attachNew} made it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.detach().finally(() => (this.parts.ownsNetns ? this.netns.close() : undefined))
  }

  /** @internal The same place in the network for somebody else; this endpoint must not be used any more. */
  as(other: Pick<EndpointParts, 'name' | 'owner' | 'published'>): Endpoint {
    return new Endpoint({ ...this.parts, ...other })
  }

  /** One after the other, in the order of the calls. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const { netns } = this.parts.network
    const turn = netns.usedBy(this.#turn.then(step))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #publish(port: Published): Promise<void> {
    const { network, ip, owner } = this.parts
    if (this.#detached) throw closedError('endpoint')
    const operation = 'Endpoint.publish'
    const target = `${this.name} ${portName(port)}`
    const claims = portClaims(port, ip, owner)
    await claimAll(network.netns, claims, operation, target)
    try {
      await dropStaleConnections(network.netns, [port], operation)
    } catch (error) {
      const failure = during(error, operation, target)
      await takeBack(failure, () => releaseAll(network.netns, owner, claims))
      throw failure
    }
    this.#published = [...this.#published, port]
  }

  async #unpublish(ports: readonly Published[]): Promise<void> {
    if (ports.length === 0) return
    const { network, ip } = this.parts
    const operation = 'Endpoint.unpublish'
    try {
      await this.#release(ports)
      await dropConnections(
        network.netns,
        ports.map((port) => connectionsThrough(port, ip)),
        operation,
      )
    } catch (error) {
      throw during(error, operation, `${this.name} ${ports.map(portName).join(' ')}`)
    }
  }

  async #release(ports: readonly Published[]): Promise<void> {
    if (ports.length === 0) return
    const { network, ip, owner } = this.parts
    const claims = ports.map((port) => portClaims(port, ip, owner)[1])
    await releaseAll(network.netns, owner, claims)
    this.#published = this.#published.filter((port) => !ports.includes(port))
  }

  /** Rules first, so that nothing is led to an address that is nobody's; the address last, so that it is nobody else's too early. */
  async #detach(): Promise<void> {
    const { network, ip, link, owner } = this.parts
    this.#detached = true
    await this.#release(this.#published)
    await link.delete()
    await allAnswered([
      // In this order on the same socket: who gets the address next gets none of its connections.
      dropConnections(network.netns, connectionsOf(ip), 'Endpoint.detach'),
      releaseAll(network.netns, owner, [addressClaim(network.bridge.name, ip, owner)]),
    ])
  }
}
