/** A bridge network in use: containers come and go, and what is there can be looked at. */
import { dropConnections } from '../conntrack.js'
import { during, isRefusal } from '../errors.js'
import type { Bridge } from '../links/bridge.js'
import { Link } from '../links/link.js'
import type { Netns } from '../netns.js'
import { AddressPool, attach, isNoAddress } from './attach.js'
import { fieldsOf, readClaims, type Held } from './claims.js'
import { connectionsOf, type Endpoint } from './endpoint.js'
import { endpointOf, ownerOf } from './identity.js'
import { checkAttachOptions, checkEndpointOptions, type AttachOptions, type Published, type PublishProtocol } from './options.js'
import { removeNetwork } from './network-claims.js'
import { Spares } from './spares.js'
import type { Subnet } from './subnet.js'

/** What {@link BridgeNetwork.inspect} tells of an endpoint. */
export interface EndpointReport {
  /** Name of the endpoint. */
  readonly name: string
  /** Name of the link in the host's namespace. */
  readonly link: string
  /** Name of the link in the container. */
  readonly ifname: string
  /** Link-layer address in the container. */
  readonly mac: string
  /** Address with the length of its prefix. */
  readonly address: string
  /** Ports that the host answers for. */
  readonly published: readonly Published[]
}

/** What {@link BridgeNetwork.inspect} tells of a network. */
export interface BridgeNetworkReport {
  /** Name of the network. */
  readonly name: string
  /** Name of the bridge link. */
  readonly bridge: string
  /** In network form. */
  readonly subnet: string
  /** Address of the bridge. */
  readonly gateway: string
  /** Largest packet in bytes. */
  readonly mtu: number
  /** Containers are hidden behind the host's address outside. */
  readonly masquerade: boolean
  /** Containers of the network reach one another. */
  readonly icc: boolean
  /** There is no way to the outside. */
  readonly internal: boolean
  /** What is attached, by any process. */
  readonly endpoints: readonly EndpointReport[]
}

/** What a network is made from. */
export interface NetworkParts {
  readonly name: string
  readonly netns: Netns
  readonly bridge: Bridge
  readonly subnet: Subnet
  readonly gateway: string
  readonly mtu: number
  readonly masquerade: boolean
  readonly icc: boolean
  readonly internal: boolean
  readonly forwarding: 'unchanged' | 'enabled'
  readonly owned: boolean
  readonly pool: number
}

function toPublished({ key, data }: Held): Published {
  const words = fieldsOf(key)
  const port = data === undefined ? undefined : fieldsOf(data)[1]
  const hostIp = words.length === 3 ? String(words[1]) : undefined
  return { protocol: words[0] as PublishProtocol, hostPort: Number(words.at(-1)), port: Number(port), hostIp }
}

/** A network of containers around a bridge; made by {@link createBridgeNetwork}. */
export class BridgeNetwork {
  /** Name of the network. */
  readonly name: string
  /** Namespace that plays the host. */
  readonly netns: Netns
  /** The bridge in the host's namespace. */
  readonly bridge: Bridge
  /** In network form, as `'172.30.0.0/24'`. */
  readonly subnet: string
  /** Address of the bridge. */
  readonly gateway: string
  /** Largest packet in bytes. */
  readonly mtu: number
  /** Containers are hidden behind the host's address outside. */
  readonly masquerade: boolean
  /** Containers of the network reach one another. */
  readonly icc: boolean
  /** There is no way to the outside. */
  readonly internal: boolean
  /** Whether the host's forwarding of IPv4 packets had to be turned on; the last network to be destroyed turns it off again. */
  readonly forwarding: 'unchanged' | 'enabled'
  readonly #parts: NetworkParts
  readonly #addresses: AddressPool
  readonly #spares: Spares
  #destroying: Promise<void> | undefined

  /** @internal */
  constructor(parts: NetworkParts) {
    this.#parts = parts
    this.name = parts.name
    this.netns = parts.netns
    this.bridge = parts.bridge
    this.subnet = parts.subnet.cidr
    this.gateway = parts.gateway
    this.mtu = parts.mtu
    this.masquerade = parts.masquerade
    this.icc = parts.icc
    this.internal = parts.internal
    this.forwarding = parts.forwarding
    this.#addresses = new AddressPool(parts)
    this.#spares = new Spares(parts, this.#addresses, parts.pool)
  }

  /**
   * Attaches a container: claims an address and the ports, makes a link in the container's namespace with the other end in the
   * bridge, and gives it address and default route. If a step is refused, those before it are undone.
   *
   * @param container - the container's namespace; not the network's own
   * @throws {@link NetprimError} EEXIST if the endpoint's name, its link's name, the address or a port is taken; EXFULL if the
   * bridge has all the ports it can have
   */
  async attach(container: Netns, options: AttachOptions = {}): Promise<Endpoint> {
    checkAttachOptions(this.netns, container, options, this.#parts)
    return container.usedBy(this.netns.usedBy(attach(this.#parts, this.#addresses, container, options)))
  }

  /**
   * Attaches a container in a fresh namespace, {@link Endpoint.netns}, which belongs to the endpoint: leaving an `await using` scope
   * closes it, {@link Endpoint.detach} does not. It is the next of the {@link BridgeNetworkOptions.pool}, if there is one and nothing but
   * `name` and `publish` is asked for; then one message is left to be sent, and a transaction of nftables beside it for a name or ports.
   *
   * @throws as {@link attach}
   */
  async attachNew(options: AttachOptions = {}): Promise<Endpoint> {
    checkEndpointOptions(options, this.#parts)
    options.signal?.throwIfAborted()
    return this.netns.usedBy(this.#attachNew(options))
  }

  async #attachNew(options: AttachOptions): Promise<Endpoint> {
    const spare = await this.#spares.take(options)
    if (spare !== undefined) return spare
    try {
      return await attach(this.#parts, this.#addresses, undefined, options)
    } catch (error) {
      // The last addresses may be those of spare ones that are being made.
      const last = isNoAddress(error) ? await this.#spares.takeWhenMade(options) : undefined
      if (last === undefined) throw error
      return last
    }
  }

  /** @internal Makes the containers that are to be ready. */
  async prepare(): Promise<void> {
    await this.#spares.fill()
  }

  /** Reads from the kernel what the network is now, with the endpoints that any process attached. */
  inspect(): Promise<BridgeNetworkReport> {
    return this.netns.usedBy(this.#inspect())
  }

  async #inspect(): Promise<BridgeNetworkReport> {
    const [ports, everywhere, single] = await Promise.all([
      this.netns.links.list({ master: this.bridge }),
      readClaims(this.netns, 'published'),
      readClaims(this.netns, 'published_at'),
    ])
    const claims = [...everywhere, ...single]
    const endpoints = ports.flatMap((port): EndpointReport[] => {
      const identity = endpointOf(port)
      if (identity?.network !== this.name || identity.spare === true) return []
      const owner = ownerOf(identity)
      return [
        {
          name: identity.endpoint,
          link: port.name,
          ifname: identity.ifname,
          mac: identity.mac,
          address: `${identity.ip}/${this.#parts.subnet.prefixLength}`,
          published: claims.filter(({ comment }) => comment === owner).map(toPublished),
        },
      ]
    })
    const { name, subnet, gateway, mtu, masquerade, icc, internal } = this
    return { name, bridge: this.bridge.name, subnet, gateway, mtu, masquerade, icc, internal, endpoints }
  }

  /**
   * Destroys the network with all that is attached to it: rules first, then the links. The last network of the host takes
   * netprim's table along, and leaves forwarding as it was. May be called twice.
   */
  destroy(): Promise<void> {
    this.#destroying ??= this.netns.usedBy(this.#destroy()).catch((error: unknown) => {
      this.#destroying = undefined
      throw during(error, 'BridgeNetwork.destroy', this.name)
    })
    return this.#destroying
  }

  async #destroy(): Promise<void> {
    await this.#spares.close()
    if (await this.#isReplaced()) return
    await removeNetwork(this.netns, { name: this.name, bridge: this.bridge.name, forwarding: this.forwarding })
    const ports = await this.#ports()
    await Link.deleteAll(ports)
    const addresses = ports.flatMap((link) => endpointOf(link)?.ip ?? [])
    await dropConnections(this.netns, addresses.flatMap(connectionsOf), 'BridgeNetwork.destroy')
    await this.bridge.delete()
  }

  /** Another network of this name has taken the place of the one that this handle is of, which is gone then. */
  async #isReplaced(): Promise<boolean> {
    const bridges = await this.netns.links.list({ kind: 'bridge' })
    return bridges.some(({ name, index }) => name === this.bridge.name && index !== this.bridge.index)
  }

  async #ports(): Promise<Link[]> {
    const ports = await this.netns.links.list({ master: this.bridge }).catch((error: unknown) => {
      if (isRefusal(error, 'ENODEV')) return []
      throw error
    })
    // If somebody deleted the bridge, what was in it is still there.
    const candidates = ports.length > 0 ? ports : await this.netns.links.list({ kind: 'veth' })
    return candidates.filter((link) => endpointOf(link)?.network === this.name)
  }

  /** Destroys the network if this handle created it; one that was adopted stays, without the containers that were kept ready. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#parts.owned ? this.destroy() : this.#spares.close())
  }
}
