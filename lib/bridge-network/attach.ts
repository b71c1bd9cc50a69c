/** The steps of an attach: claim, host link, container; each undone if a later one fails. */
import { NetprimError, during, isRefusal, errnoOf } from '../errors.js'
import type { Bridge } from '../links/bridge.js'
import { linkIn, linkRequest } from '../link-record.js'
import { setUpRequests, type SetUp } from '../links/create-link.js'
import type { Link } from '../links/link.js'
import { Veth } from '../links/veth.js'
import { Netns } from '../netns.js'
import { randomHex, randomMac } from '../random.js'
import { gatewayRequest, type GatewayRoute } from '../route.js'
import { allAnswered } from '../all-answered.js'
import { tour } from '../tour.js'
import { giveWay, turnOfEventLoop } from '../turns.js'
import { addressClaim, claimAll, fieldsOf, portClaims, readClaims, releaseAll, type Claim } from './claims.js'
import { Endpoint, dropStaleConnections } from './endpoint.js'
import { ipv6Disabled } from './host.js'
import { hostLinkName, ownerOf, toAlias } from './identity.js'
import { published, type AttachOptions } from './options.js'
import type { Subnet } from './subnet.js'
import { Undo } from './undo.js'

/** What a network knows that its endpoints are made with. */
export interface AttachNetwork {
  readonly name: string
  readonly netns: Netns
  readonly bridge: Bridge
  readonly subnet: Subnet
  readonly gateway: string
  readonly mtu: number
  readonly icc: boolean
  readonly internal: boolean
}

const operation = 'BridgeNetwork.attach'
const loopbackIndex = 1
const nothing = new Uint8Array()

const noAddress = 'ERR_NETPRIM_NO_ADDRESS'

/** The network has no address left. */
export function isNoAddress(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === noAddress
}

/** Chooses addresses round robin, so that one that has just become free is not given away at once. */
export class AddressPool {
  readonly #network: AttachNetwork
  #last = 0
  #taken: Promise<Set<string>> | undefined

  constructor(network: AttachNetwork) {
    this.#network = network
  }

  /** An address that nobody is known to have. Whether that is so, the claim will tell. */
  async next(): Promise<string> {
    const known = this.#taken !== undefined
    this.#taken ??= this.#readTaken().catch((error: unknown) => {
      this.forget()
      throw error
    })
    const candidate = this.#candidate(await this.#taken)
    if (candidate !== undefined) return candidate
    if (!known) {
      const message = `${operation}: no address of ${this.#network.subnet.cidr} is free`
      throw Object.assign(new Error(message), { code: noAddress })
    }
    this.forget()
    return this.next()
  }

  /** Has the addresses read anew: another process has taken one, or some may have become free. */
  forget(): void {
    this.#taken = undefined
  }

  async #readTaken(): Promise<Set<string>> {
    const claims = await readClaims(this.#network.netns, 'addresses')
    const addresses = claims.map(({ key }) => fieldsOf(key).map(String))
    return new Set(addresses.filter(([bridge]) => bridge === this.#network.bridge.name).map(([, ip = '']) => ip))
  }

  #candidate(taken: Set<string>): string | undefined {
    const { subnet, gateway } = this.#network
    for (let step = 0; step < subnet.hosts; step++) {
      this.#last = (this.#last % subnet.hosts) + 1
      const candidate = subnet.at(this.#last)
      if (candidate === gateway || taken.has(candidate)) continue
      taken.add(candidate)
      return candidate
    }
    return undefined
  }
}

/**
 * Attaches a container; the options have been checked.
 *
 * @param given - the container's namespace; if there is none, a fresh one is made
 */
export async function attach(
  network: AttachNetwork,
  pool: AddressPool,
  given: Netns | undefined,
  options: AttachOptions,
  spare = false,
): Promise<Endpoint> {
  await giveWay()
  const { netns: host, bridge, gateway, icc, internal } = network
  const { name = randomHex(6), mac = randomMac(), ifname = 'eth0' } = options
  const id = randomHex(4)
  const owner = ownerOf({ network: network.name, endpoint: name, id })
  const ports = (options.publish ?? []).map(published)
  const undo = new Undo()
  options.signal?.throwIfAborted()
  try {
    // What does not depend on one another is done at the same time; what has been done of it is undone if anything is refused.
    // The kernel is at work on the namespace, or the link, while the claims are compiled.
    const claim = turnOfEventLoop().then(async () => {
      const claimed = await claimAddress(network, pool, options.ip, (address) => [
        addressClaim(bridge.name, address, owner),
        ...ports.flatMap((port) => portClaims(port, address, owner)),
      ])
      undo.add(() => releaseAll(host, owner, claimed.claims))
      return claimed.ip
    })
    const place = given === undefined ? freshNetns(undo) : opened(given)
    const cable = place
      .then((container) => makeLink(network, container, { endpoint: name, ifname, mac }))
      .then((made) => {
        undo.add(() => made.delete())
        return made
      })
    const stale = claim.then(() => dropStaleConnections(host, ports, operation))
    const [container, link, ip] = await allAnswered([place, cable, claim, stale])
    await giveWay()
    options.signal?.throwIfAborted()
    const alias = toAlias({ network: network.name, endpoint: name, id, ip, mac, ifname, ...(spare && { spare }) })
    await connect(network, link, {
      // Where br_netfilter is on, a container's packets to its own published port go back out of the port they came from: hairpin.
      port: { alias, hairpin: true, ...(!icc && { isolated: true }), up: true },
      address: `${ip}/${network.subnet.prefixLength}`,
      route: defaultRoute(network, options),
    })
    const { subnet, name: networkName } = network
    return new Endpoint({
      network: { name: networkName, netns: host, bridge, gateway, prefixLength: subnet.prefixLength, internal },
      name,
      id,
      owner,
      netns: container,
      ownsNetns: given === undefined,
      ifname,
      mac,
      ip,
      link,
      published: ports,
    })
  } catch (error) {
    const failure = during(error, operation, name)
    await undo.rollBack(failure)
    throw failure
  }
}

async function freshNetns(undo: Undo): Promise<Netns> {
  const netns = await Netns.create()
  undo.add(() => netns.close())
  return netns
}

/** To enter the namespace, for its socket, takes as long as the claim. */
function opened(container: Netns): Promise<Netns> {
  container.route.prepare()
  return Promise.resolve(container)
}

/** The cable; its end in the host's namespace is called as its endpoint, so that the kernel lets each be made once. */
async function makeLink(
  network: AttachNetwork,
  container: Netns,
  { endpoint, ifname, mac }: { readonly endpoint: string; readonly ifname: string; readonly mac: string },
): Promise<Veth & { readonly peer: Link }> {
  const { netns, bridge, mtu } = network
  try {
    const peer = { netns: container, name: ifname, mac }
    return await Veth.create({ netns, name: hostLinkName(network.name, endpoint), mtu, master: bridge, peer })
  } catch (error) {
    throw isRefusal(error, 'EEXIST', 'EINVAL') ? await explained(error, network, endpoint, container, ifname) : error
  }
}

function defaultRoute({ internal, gateway }: AttachNetwork, options: AttachOptions): GatewayRoute | undefined {
  if (internal || options.defaultRoute === false) return undefined
  return { to: 'default', via: gateway, ...(options.metric !== undefined && { metric: options.metric }) }
}

interface Connection {
  readonly port: SetUp
  readonly address: string
  readonly route: GatewayRoute | undefined
}

/** Brings both ends of the cable up, the container's with an address and a way out; one thread does all of it. */
async function connect(network: AttachNetwork, link: Veth & { readonly peer: Link }, { port, address, route }: Connection): Promise<void> {
  const { netns: host } = network
  const { peer } = link
  const asking = { operation }
  const inside = setUpRequests(peer.index, { up: true, addresses: [address] }, asking)
  const stops = [
    {
      netns: peer.netns,
      settings: [ipv6Disabled(peer.name)],
      requests: route === undefined ? inside : [...inside, gatewayRequest(route, asking)],
    },
    // The port of a bridge needs no address. Of a thousand that have one in IPv6, each new one costs three times as much as the first.
    { netns: host, settings: [ipv6Disabled(link.name)], requests: setUpRequests(link.index, port, asking) },
    // Reading a link has the kernel finish what it put off when the carrier came, before which the first packets would be lost.
    { netns: host, requests: [linkRequest(link.index, asking)] },
    // The loopback last, for its address stays when it is taken down again.
    { netns: peer.netns, requests: [linkRequest(peer.index, asking), ...setUpRequests(loopbackIndex, { up: true }, asking)] },
  ]
  try {
    const [, , [onHost = nothing] = [], [inContainer = nothing] = []] = await tour(stops)
    link.reported(linkIn(onHost))
    peer.reported(linkIn(inContainer))
  } catch (error) {
    throw isRefusal(error, 'EEXIST') && error.syscall === 'RTM_NEWROUTE' ? routeTaken(error) : error
  }
}

function routeTaken(error: NetprimError): NetprimError {
  const { errno, syscall, target } = error
  const detail = "the container has a default route; give another 'metric', or defaultRoute: false"
  return new NetprimError({ errno, syscall, operation, target, detail, attribute: 'metric', cause: error })
}

/**
 * Says what the kernel leaves unsaid when it refuses the link: which of the two names is taken, the endpoint's (which the host link's
 * is made from) or that of the link in the container; or that the bridge is gone.
 */
async function explained(
  error: NetprimError,
  network: AttachNetwork,
  name: string,
  container: Netns,
  ifname: string,
): Promise<NetprimError> {
  const { errno, syscall } = error
  const failure = { errno, syscall, operation, target: name, cause: error }
  if (error.code === 'EINVAL') {
    const gone = await network.bridge.refresh().then(
      () => false,
      (second: unknown) => isRefusal(second, 'ENODEV'),
    )
    return gone ? new NetprimError({ ...failure, errno: errnoOf('ENODEV'), detail: `the bridge '${network.bridge.name}' is gone` }) : error
  }
  const inContainer = (await container.links.list()).some((link) => link.name === ifname)
  if (!inContainer) return nameTaken(error, network.name, name)
  return new NetprimError({ ...failure, attribute: 'ifname', detail: `the container has a link of the name '${ifname}'` })
}

/** The error for an endpoint's name, which its host link's is made from, that is another's. */
export function nameTaken(error: NetprimError, network: string, name: string): NetprimError {
  const { errno, syscall } = error
  const detail = `the network '${network}' has an endpoint of the name '${name}'`
  return new NetprimError({ errno, syscall, operation, target: name, detail, attribute: 'name', cause: error })
}

/** Claims the address that is asked for, or the next one that nobody has. */
async function claimAddress(
  network: AttachNetwork,
  pool: AddressPool,
  wanted: string | undefined,
  claimsFor: (ip: string) => Claim[],
): Promise<{ ip: string; claims: Claim[] }> {
  for (;;) {
    const ip = wanted ?? (await pool.next())
    const claims = claimsFor(ip)
    try {
      await claimAll(network.netns, claims, operation, network.name)
      return { ip, claims }
    } catch (error) {
      if (wanted !== undefined || !isRefusal(error, 'EEXIST') || error.attribute !== 'ip') throw error
      pool.forget()
    }
  }
}
