/** The steps of an attach: claim, host link, container; each undone if a later one fails. */
import { NetprimError, during, isRefusal, errnoOf } from '../errors.js'
import type { Bridge } from '../links/bridge.js'
import { setUpLink } from '../links/create-link.js'
import type { Link } from '../links/link.js'
import { Veth } from '../links/veth.js'
import { Netns } from '../netns.js'
import { randomHex, randomMac } from '../random.js'
import type { RouteOptions } from '../route-options.js'
import { allAnswered } from '../all-answered.js'
import { giveWay, turnOfEventLoop } from '../turns.js'
import { addressClaim, claimAll, fieldsOf, portClaims, readClaims, releaseAll, type Claim } from './claims.js'
import { Endpoint, dropStaleConnections } from './endpoint.js'
import { disableIpv6, ipv6Disabled } from './host.js'
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
      throw Object.assign(new Error(message), { code: 'ERR_NETPRIM_NO_ADDRESS' })
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
    const asking = { operation, signal: options.signal }
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
      .then((netns) => makeLink(network, netns, { endpoint: name, ifname, mac }))
      .then((made) => {
        undo.add(() => made.delete())
        return made
      })
    /** The address, once it is the endpoint's own and if nobody has called the attach off. */
    const whenClaimed = async (): Promise<string> => {
      const address = await claim
      await giveWay()
      options.signal?.throwIfAborted()
      return address
    }
    const port = async (): Promise<void> => {
      const { name: hostLink, index } = await cable
      // The port of a bridge needs no address. Of a thousand that have one in IPv6, each new one costs three times as much as the first.
      await disableIpv6(host, hostLink)
      const alias = toAlias({ network: network.name, endpoint: name, id, ip: await whenClaimed(), mac, ifname, ...(spare && { spare }) })
      // Where br_netfilter is on, a container's packets to its own published port go back out of the port they came from: hairpin.
      await setUpLink(host, index, { alias, hairpin: true, ...(!icc && { isolated: true }), up: true }, asking)
    }
    const inside = async (): Promise<void> => {
      const { peer } = await cable
      const container = peer.netns
      const address = `${await whenClaimed()}/${network.subnet.prefixLength}`
      const route = defaultRoute(network, options)
      await allAnswered([
        setUpLink(container, peer.index, { up: true, addresses: [address] }, asking, [ipv6Disabled(ifname)]),
        ...(route === undefined ? [] : [addDefaultRoute(container, route)]),
      ])
    }
    // The container's side takes longest, so it is asked for first.
    await allAnswered([inside(), port(), claim.then(() => dropStaleConnections(host, ports, operation))])
    const [container, link, ip] = await Promise.all([place, cable, claim])
    options.signal?.throwIfAborted()
    await allAnswered([
      // Last, for its address stays when it is taken down again.
      setUpLink(container, loopbackIndex, { up: true }, asking),
      // Reading a link has the kernel finish what it put off when the carrier came, before which the first packets would be lost.
      link.refresh(),
      link.peer.refresh(),
    ])
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

function defaultRoute({ internal, gateway }: AttachNetwork, options: AttachOptions): RouteOptions | undefined {
  if (internal || options.defaultRoute === false) return undefined
  return { to: 'default', via: gateway, ...(options.metric !== undefined && { metric: options.metric }) }
}

async function addDefaultRoute(container: Netns, route: RouteOptions): Promise<void> {
  try {
    await container.routes.add(route)
  } catch (error) {
    if (!isRefusal(error, 'EEXIST')) throw error
    const { errno, syscall } = error
    const detail = "the container has a default route; give another 'metric', or defaultRoute: false"
    throw new NetprimError({ errno, syscall, operation, target: route.to, detail, attribute: 'metric', cause: error })
  }
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
