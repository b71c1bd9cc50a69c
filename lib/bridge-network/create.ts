/** Makes a bridge network, or adopts the one of this name that is there. */
import { setTimeout } from 'node:timers/promises'
import { NetprimError, during, isRefusal, errnoOf, takeBack } from '../errors.js'
import { Bridge } from '../links/bridge.js'
import { netnsOrCurrent, type Netns } from '../netns.js'
import { randomMac } from '../random.js'
import { BridgeNetwork, type NetworkParts } from './bridge-network.js'
import { connectedSubnets, forwards, openHost, readRoutes, routedSubnets, settingsBefore, uplinkMtu } from './host.js'
import { bridgeName, networkOf, toAlias, type NetworkIdentity } from './identity.js'
import { addNetwork, claimedSubnets, removeNetwork, subnetTaken } from './network-claims.js'
import { checkNetworkOptions, type BridgeNetworkOptions } from './options.js'
import { Subnet, freeSubnets } from './subnet.js'
import { Undo } from './undo.js'

const operation = 'createBridgeNetwork'
/** Milliseconds that others who make networks at the same time are waited for: where any subnet will do, and elsewhere. */
const longPatience = 5000
const shortPatience = 500
const longestPause = 20

/** What is made, with every default filled in. */
type Plan = Omit<NetworkParts, 'bridge' | 'owned' | 'pool'> & { readonly bridge: string }

/**
 * Makes a network of containers around a bridge: what Docker's `bridge` network is.
 *
 * Closed by default: from outside only published ports are reached, and other networks reach it only by these. Needs
 * CAP_NET_ADMIN in the host's namespace.
 *
 * A network of this name that is there already is adopted: it is borrowed then, and an `await using` scope leaves it as it is.
 *
 * @throws {@link NetprimError} EEXIST if the bridge's name or the subnet is taken, or if the network that is there differs in an
 * option that was given (`attribute` says which)
 */
export async function createBridgeNetwork(options: BridgeNetworkOptions): Promise<BridgeNetwork> {
  checkNetworkOptions(options)
  const host = netnsOrCurrent(options.netns)
  try {
    return await host.usedBy(makeOrAdopt(host, options))
  } catch (error) {
    throw during(error, operation, options.name)
  }
}

/**
 * Of several that make networks at once, each tries again for a while: the same network is adopted once the first has said whose
 * it is, and another subnet is taken where any will do.
 */
async function makeOrAdopt(host: Netns, options: BridgeNetworkOptions): Promise<BridgeNetwork> {
  let since: number | undefined
  for (;;) {
    try {
      const existing = await findNetwork(host, options)
      return existing === undefined ? await make(await planOf(host, options), options) : await adopt(host, existing, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      // From the first refusal on: on a busy machine it may have taken long to come so far.
      since ??= performance.now()
      if (performance.now() - since >= patienceWith(error, options)) throw error
    }
    await setTimeout(Math.random() * longestPause)
  }
}

/** Milliseconds for what another that makes, or destroys, a network at this moment may be the cause of; none for all else. */
function patienceWith(error: unknown, options: BridgeNetworkOptions): number {
  if (!isRefusal(error, 'EEXIST', 'ENOENT', 'ENODEV')) return 0
  if (error.attribute === 'subnet') return options.subnet === undefined ? longPatience : shortPatience
  return error.attribute === undefined ? shortPatience : 0
}

async function findNetwork(host: Netns, { name, bridge }: BridgeNetworkOptions): Promise<Bridge | undefined> {
  const bridges = await host.links.list({ kind: 'bridge' })
  const found = bridges.find((link) => networkOf(link)?.network === name)
  if (found === undefined) return undefined
  if (bridge !== undefined && bridge !== found.name) throw differs(name, 'bridge', found.name)
  return Bridge.get(found.index, { netns: host })
}

/** Fills in what was not said from what the host has. */
async function planOf(host: Netns, options: BridgeNetworkOptions): Promise<Plan> {
  const { name, masquerade = true, icc = true, internal = false } = options
  const [routes, claimed] = await Promise.all([readRoutes(host), claimedSubnets(host)])
  const [subnet] =
    options.subnet === undefined
      ? freeSubnets([...routedSubnets(routes), ...(claimed ?? []).map((one) => one.subnet)])
      : [Subnet.of(options.subnet)]
  if (subnet === undefined) throw Object.assign(new Error(`${operation}: no subnet is free`), { code: 'ERR_NETPRIM_NO_SUBNET' })
  const connected = connectedSubnets(routes).find((other) => other.overlaps(subnet))
  if (connected !== undefined) throw subnetTaken({ name, subnet }, `${connected.cidr}, which the host has a link to`, operation)
  const mtu = options.mtu ?? (await uplinkMtu(host, routes, operation))
  const gateway = options.gateway ?? subnet.at(1)
  const forwarding = internal || ((await forwards(host)) && (await settingsBefore(host)) === undefined) ? 'unchanged' : 'enabled'
  return { name, netns: host, bridge: options.bridge ?? bridgeName(name), subnet, gateway, mtu, masquerade, icc, internal, forwarding }
}

function identityOf({ name, masquerade, icc, internal, forwarding }: Plan): NetworkIdentity {
  return {
    network: name,
    ...(!masquerade && { masquerade }),
    ...(!icc && { icc }),
    ...(internal && { internal }),
    ...(forwarding === 'enabled' && { forwarding }),
  }
}

async function make(plan: Plan, { signal, pool = 0 }: BridgeNetworkOptions): Promise<BridgeNetwork> {
  const { netns: host, subnet, gateway, mtu } = plan
  const undo = new Undo()
  signal?.throwIfAborted()
  try {
    // The bridge comes first: of two that make the same network, the kernel lets one have the name.
    const bridge = await Bridge.create({
      netns: host,
      name: plan.bridge,
      // Else it is the lowest of its ports', and the containers' neighbour entries of the gateway are wrong whenever that changes.
      mac: randomMac(),
      // Nobody asks who listens, so the kernel floods multicast either way; but with snooping it goes through all ports for each new one.
      mcastSnooping: false,
      alias: toAlias(identityOf(plan)),
      up: true,
      addresses: [`${gateway}/${subnet.prefixLength}`],
    })
    undo.add(() => bridge.delete())
    // The kernel holds to an MTU that a bridge was given later; one from its creation makes way for those of the ports.
    if (bridge.mtu !== mtu) await bridge.set({ mtu })
    signal?.throwIfAborted()
    await putIntoRules(plan, undo)
    const network = new BridgeNetwork({ ...plan, bridge, owned: true, pool })
    // Whatever has been attached is taken off again by who rolls back.
    undo.add(() => network.destroy())
    await network.prepare()
    return network
  } catch (error) {
    await undo.rollBack(error)
    throw error
  }
}

/** Rules before the sysctls, so that nothing is open that the rules do not guard. */
async function putIntoRules(plan: Plan, undo: Undo): Promise<void> {
  const { netns: host, internal } = plan
  const turnOn = await addNetwork(host, plan, operation)
  undo.add(() => removeNetwork(host, plan))
  if (!internal) await openHost(host, plan.bridge, turnOn)
}

/** Takes over what is there; puts back the network's own rules if a crash, or somebody's `nft flush ruleset`, has taken them. */
async function adopt(host: Netns, bridge: Bridge, options: BridgeNetworkOptions): Promise<BridgeNetwork> {
  const identity: Partial<NetworkIdentity> = networkOf(bridge) ?? {}
  const [address] = await bridge.addresses.list({ family: 'ipv4' })
  const [gateway = ''] = address?.address.split('/') ?? []
  if (address === undefined) throw differs(options.name, 'subnet', 'none yet')
  const { masquerade = true, icc = true, internal = false } = identity
  const subnet = Subnet.of(address.address)
  const found = { subnet: subnet.cidr, gateway, mtu: bridge.mtu, masquerade, icc, internal }
  for (const [option, value] of Object.entries(found)) {
    const wanted = options[option as keyof typeof found]
    if (wanted !== undefined && wanted !== value) throw differs(options.name, option, String(value))
  }
  const { forwarding = 'unchanged' } = identity
  const plan: Plan = {
    name: options.name,
    netns: host,
    bridge: bridge.name,
    subnet,
    gateway,
    mtu: bridge.mtu,
    masquerade,
    icc,
    internal,
    forwarding,
  }
  await putIntoRules(plan, new Undo())
  const network = new BridgeNetwork({ ...plan, bridge, owned: false, pool: options.pool ?? 0 })
  try {
    await network.prepare()
  } catch (error) {
    await takeBack(error, () => network[Symbol.asyncDispose]())
    throw error
  }
  return network
}

function differs(network: string, option: string, value: string): NetprimError {
  const detail = `the network is there, with the ${option} ${value}`
  return new NetprimError({ errno: errnoOf('EEXIST'), syscall: 'RTM_NEWLINK', operation, target: network, detail, attribute: option })
}
