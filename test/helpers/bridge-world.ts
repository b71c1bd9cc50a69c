// A host and an outside world for the tests of bridge networks, with the traffic between what is in them.
import type { ChildProcess } from 'node:child_process'
import { Link, Netns, Veth, type Endpoint } from 'netprim'
import { get, serve, stop } from '../../examples/http.js'
import { ip, runIn } from './oracle.js'
import { askUdp, serveUdp } from './udp.js'

/** Addresses of the host in the outside world. */
export const hostAddresses = ['203.0.113.1', '198.51.100.1'] as const
/** The one that it speaks with to the outside. */
export const hostAddress = hostAddresses[0]
/** Address of the outside world. */
export const outsideAddress = '203.0.113.2'

/** How long a client waits where silence is expected, in milliseconds. */
const patience = 400

/** An object that a program has printed; it is only compared. */
type Shown = Readonly<Record<string, unknown>>

/** What another program says of a namespace that a change which is undone leaves as it was. */
export interface Snapshot {
  readonly links: readonly Shown[]
  readonly addresses: readonly Shown[]
  readonly ruleset: readonly Shown[]
  readonly forwarding: string
}

/** A throw-away host with a cable to an outside world, and what is started in them. */
export class World {
  readonly host: Netns
  readonly outside: Netns
  readonly #namespaces: Netns[]
  readonly #servers: ChildProcess[] = []

  private constructor(host: Netns, outside: Netns) {
    this.host = host
    this.outside = outside
    this.#namespaces = [host, outside]
  }

  static async create(): Promise<World> {
    const [host, outside] = await Promise.all([Netns.create(), Netns.create()])
    await Promise.all([host, outside].map(async (netns) => (await Link.get('lo', { netns })).set({ up: true })))
    await Veth.create({
      netns: host,
      name: 'uplink',
      up: true,
      addresses: hostAddresses.map((address) => `${address}/24`),
      peer: { netns: outside, name: 'wan', up: true, addresses: [`${outsideAddress}/24`, '198.51.100.2/24'] },
    })
    await host.routes.add({ to: 'default', via: outsideAddress })
    return new World(host, outside)
  }

  /** A namespace to be attached. */
  async container(): Promise<Netns> {
    const container = await Netns.create()
    this.#namespaces.push(container)
    return container
  }

  /** Starts a TCP server (HTTP) and a UDP server on the port; they answer `NAME saw ADDRESS`. */
  async serve(netns: Netns, port: number, name: string): Promise<void> {
    this.#servers.push(...(await Promise.all([serve(netns, port, name), serveUdp(netns, port, name)])))
  }

  /** Ends all servers and lets go of all namespaces. */
  async end(): Promise<void> {
    await Promise.all(this.#servers.map(stop))
    await Promise.all(this.#namespaces.map((netns) => netns.delete()))
  }
}

/** What a server answers to a client in the namespace: `NAME saw ADDRESS`, or the code of the error. */
export function tcp(netns: Netns, address: string, port: number): Promise<string> {
  return get(netns, `http://${address}:${port}/`, patience)
}

/** As {@link tcp}, by UDP. */
export function udp(netns: Netns, address: string, port: number, sourcePort?: number): Promise<string> {
  return askUdp(netns, address, port, sourcePort, patience)
}

/** As {@link tcp}, by both protocols, which have to agree. */
export async function both(netns: Netns, address: string, port: number): Promise<string> {
  const [byTcp, byUdp] = await Promise.all([tcp(netns, address, port), udp(netns, address, port)])
  return byTcp === byUdp ? byTcp : `${byTcp} by TCP, ${byUdp} by UDP`
}

/** The address of an endpoint. */
export function addressOf(endpoint: Endpoint): string {
  return endpoint.addresses[0]!.split('/')[0]!
}

/** The ruleset as `nft` lists it, without what it says of itself. */
export function rulesetOf(netns: Netns): Shown[] {
  return (JSON.parse(runIn(netns, 'nft', '-j', 'list', 'ruleset')) as { nftables: Shown[] }).nftables.filter(
    (one) => one.metainfo === undefined,
  )
}

/** Whether there is a carrier shows a moment late; it is no setting. */
function withoutCarrier(link: Shown): Shown {
  const { operstate: _state, flags, ...rest } = link as { operstate: string; flags: string[] }
  return { ...rest, flags: flags.filter((flag) => flag !== 'LOWER_UP' && flag !== 'NO-CARRIER') }
}

/** What `ip` and `nft` show of a namespace. */
export function snapshotOf(netns: Netns): Snapshot {
  const shown = (...args: string[]): Shown[] => (JSON.parse(ip(netns, '-j', ...args)) as Shown[]).map(withoutCarrier)
  return {
    links: shown('link', 'show'),
    addresses: shown('-4', 'address', 'show'),
    ruleset: rulesetOf(netns),
    forwarding: runIn(netns, 'cat', '/proc/sys/net/ipv4/ip_forward').trim(),
  }
}
