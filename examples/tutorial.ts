/**
 * Container networking from scratch, read from top to bottom: each step says what it shows, does it, and asserts what is observed.
 *
 * Nothing here touches the machine's own network: the "host" is a namespace of its own, the "outside world" is another. What reaches
 * what is shown with real traffic, `ping` and HTTP. A container is, as far as its network goes, nothing but a namespace.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Bridge, Link, Netns, Veth, createBridgeNetwork, nft } from 'netprim'
import { get, serve, stop } from './http.js'

/** What the steps hand on to one another. */
interface World {
  /** Plays the host; 203.0.113.1 is its address in the outside world. */
  readonly host: Netns
  /** Plays the rest of the internet: 203.0.113.2, which has never heard of containers. */
  readonly outside: Netns
  /** Two containers. */
  red: Netns
  blue: Netns
}

const ofHost = '203.0.113.1'
const ofOutside = '203.0.113.2'
const ofRed = '172.18.0.10'
const ofBlue = '172.18.0.20'
const subnet = '172.18.0.0/16'

/** Sends one ping: an `answer`, or `silence`, or the sender itself has `no route` to send it on. */
async function ping(from: Netns, to: string): Promise<'answer' | 'silence' | 'no route'> {
  const [status] = (await once(from.spawn('ping', ['-c1', '-W2', to], { stdio: 'ignore' }), 'exit')) as [number]
  return status === 0 ? 'answer' : status === 2 ? 'no route' : 'silence'
}

/** An HTTP server that answers who it is and which address it saw, until the end of the block. */
async function serving(netns: Netns, port: number, name: string): Promise<AsyncDisposable> {
  const server = await serve(netns, port, name)
  return { [Symbol.asyncDispose]: () => stop(server) }
}

async function aNamespaceIsEmpty({ host, red }: World): Promise<void> {
  say('A fresh namespace has a loopback that is down, and no routes, no rules; what the host has is not seen in it.')
  assert.equal(await linkNames(red), 'lo')
  assert.equal((await Link.get('lo', { netns: red })).up, false)
  assert.equal((await red.routes.list({ table: 'all' })).length, 0)
  assert.equal((await red.nft.list()).nftables.length, 0)

  await host.nft.apply([nft.table('ip', 'of-the-host'), nft.chain('ip', 'of-the-host', 'rules')])
  assert.equal((await host.nft.list()).nftables.length, 2)
  assert.equal((await red.nft.list()).nftables.length, 0)
  await host.nft.apply([{ delete: { table: { family: 'ip', name: 'of-the-host' } } }])
}

async function aCableConnectsTwo({ host, red }: World): Promise<void> {
  say('A veth pair is a cable: both ends are made in the host, one is moved into the container, and the two can talk.')
  const cable = await Veth.create({ netns: host, name: 'veth0', up: true, addresses: ['172.18.0.11/16'], peer: { name: 'ceth0' } })
  assert.equal(await linkNames(host), 'lo uplink ceth0 veth0')

  await cable.peer.set({ netns: red })
  assert.equal(await linkNames(host), 'lo uplink veth0')
  assert.equal(await linkNames(red), 'lo ceth0')

  // A link leaves its addresses behind when it moves, and arrives down. (Veth.create can also make the end where it belongs.)
  await (await Link.get('lo', { netns: red })).set({ up: true })
  await cable.peer.set({ up: true })
  await cable.peer.addresses.add(`${ofRed}/16`)
  assert.deepEqual([await ping(host, ofRed), await ping(red, '172.18.0.11')], ['answer', 'answer'])
}

async function whatHasNoRouteIsOutOfReach({ red }: World): Promise<void> {
  say('The host’s other address is out of reach, although it is the same host: the container’s routing table has no way to it.')
  assert.equal(await ping(red, ofHost), 'no route')
  await assert.rejects(red.routes.get(ofHost), { code: 'ENETUNREACH' })
  // The only route is the one that came with the address.
  const [route, ...others] = await red.routes.list({ family: 'ipv4' })
  assert.deepEqual([route?.to, route?.via, others.length], [subnet, undefined, 0])
}

async function twoCablesClash({ host, blue }: World): Promise<void> {
  say('A second container on a cable of its own in the same subnet: two routes lead there, only the first is taken.')
  await Veth.create({
    netns: host,
    name: 'veth1',
    up: true,
    addresses: ['172.18.0.21/16'],
    peer: { netns: blue, name: 'ceth1', up: true, addresses: [`${ofBlue}/16`] },
  })
  assert.equal(await linksTo(subnet, host), 'veth0 veth1')
  assert.deepEqual([await ping(host, ofRed), await ping(host, ofBlue)], ['answer', 'silence'])

  await host.routes.delete({ to: subnet, link: 'veth0' })
  assert.equal(await linksTo(subnet, host), 'veth1')
  assert.deepEqual([await ping(host, ofRed), await ping(host, ofBlue)], ['silence', 'answer'])
}

async function aNamespaceTakesItsLinksAlong(world: World): Promise<void> {
  say('A namespace that is deleted takes its links along, and a veth its other end: nothing is left in the host.')
  await Promise.all([world.red.delete(), world.blue.delete()])
  // The kernel clears a namespace away after its end, in its own time.
  for (let round = 0; round < 500 && (await linkNames(world.host)) !== 'lo uplink'; round++) await pause(10)
  assert.equal(await linkNames(world.host), 'lo uplink')
  world.red = await Netns.create()
  world.blue = await Netns.create()
}

async function aBridgeConnectsMany({ host, red, blue }: World): Promise<void> {
  say('A bridge is a switch: the containers’ cables end in it, and they reach one another although the host has no address there.')
  const bridge = await Bridge.create({ netns: host, name: 'br0', up: true })
  const cables = [
    await Veth.create({
      netns: host,
      name: 'veth0',
      up: true,
      master: bridge,
      peer: { netns: red, name: 'eth0', up: true, addresses: [`${ofRed}/16`] },
    }),
    await Veth.create({
      netns: host,
      name: 'veth1',
      up: true,
      master: bridge,
      peer: { netns: blue, name: 'eth0', up: true, addresses: [`${ofBlue}/16`] },
    }),
  ] as const
  for (const link of [bridge, ...cables]) assert.equal((await link.addresses.list({ family: 'ipv4' })).length, 0)
  assert.deepEqual([await ping(red, ofBlue), await ping(blue, ofRed)], ['answer', 'answer'])

  // Each has learned the other's link-layer address: they are neighbours, with nobody in between.
  const [knownToRed] = await red.neighbours.list({ family: 'ipv4' })
  const [knownToBlue] = await blue.neighbours.list({ family: 'ipv4' })
  assert.deepEqual([knownToRed?.address, knownToRed?.mac], [ofBlue, cables[1].peer.mac])
  assert.deepEqual([knownToBlue?.address, knownToBlue?.mac], [ofRed, cables[0].peer.mac])
}

async function theHostJoinsTheBridge({ host, red, blue }: World): Promise<void> {
  say('The host reaches the containers only after the bridge has an address, for the address brings the route.')
  const bridge = await Bridge.get('br0', { netns: host })
  assert.equal(await ping(host, ofRed), 'no route')

  await bridge.addresses.add('172.18.0.1/16')
  const [route] = (await host.routes.list()).filter(({ to }) => to === subnet)
  assert.deepEqual([route?.link, route?.protocol, route?.src], [bridge.index, 'kernel', '172.18.0.1'])
  assert.deepEqual([await ping(host, ofRed), await ping(host, ofBlue)], ['answer', 'answer'])
  assert.deepEqual([await ping(red, '172.18.0.1'), await ping(blue, '172.18.0.1')], ['answer', 'answer'])
}

async function aDefaultRouteLeadsOn({ red, blue }: World): Promise<void> {
  say('A default route by way of the bridge’s address lets the containers reach the host’s other addresses.')
  assert.equal(await ping(red, ofHost), 'no route')
  for (const container of [red, blue]) await container.routes.add({ to: 'default', via: '172.18.0.1' })
  assert.equal((await red.routes.get(ofHost)).via, '172.18.0.1')
  assert.deepEqual([await ping(red, ofHost), await ping(blue, ofHost)], ['answer', 'answer'])
}

async function theWayOutNeedsForwardingAndMasquerade({ host, outside, red }: World): Promise<void> {
  say('The outside world is reached only if the host forwards packets and also puts its own address in the place of the containers’.')
  const forwarding = 'net.ipv4.ip_forward'
  await host.sysctl.set(forwarding, 0)
  assert.equal(await ping(red, ofOutside), 'silence')

  // Forwarding alone: the ping gets there, but there is no way back to an address that nobody outside knows.
  await host.sysctl.set(forwarding, 1)
  assert.equal(await ping(red, ofOutside), 'silence')
  await assert.rejects(outside.routes.get(ofRed), { code: 'ENETUNREACH' })

  // Masquerade alone: the host would know how to send it, but does not pass on what isn't its own.
  await host.sysctl.set(forwarding, 0)
  await host.nft.apply([
    nft.table('ip', 'tutorial'),
    nft.chain('ip', 'tutorial', 'way-out', { type: 'nat', hook: 'postrouting', prio: 100 }),
    nft.rule('ip', 'tutorial', 'way-out', [nft.match('ip saddr', subnet), nft.match('oifname', '!=', 'br0'), nft.masquerade()]),
  ])
  assert.equal(await ping(red, ofOutside), 'silence')

  await host.sysctl.set(forwarding, 1)
  assert.equal(await ping(red, ofOutside), 'answer')
  await using _server = await serving(outside, 80, 'outside')
  assert.equal(await get(red, `http://${ofOutside}/`), `outside saw ${ofHost}`)
}

async function publishingIsDestinationNat({ host, outside, red }: World): Promise<void> {
  say('A port is published by giving its packets another destination: those that come in, and, in a chain of its own, the host’s.')
  await using _server = await serving(red, 80, 'red')
  const published = `http://${ofHost}:8080/`
  const toRed = [nft.match('ip daddr', ofHost), nft.match('tcp dport', 8080), nft.dnat({ addr: ofRed, port: 80 })]
  assert.equal(await get(outside, published), 'ECONNREFUSED')

  await host.nft.apply([
    nft.chain('ip', 'tutorial', 'from-others', { type: 'nat', hook: 'prerouting', prio: -100 }),
    nft.rule('ip', 'tutorial', 'from-others', toRed),
  ])
  assert.equal(await get(outside, published), `red saw ${ofOutside}`)

  // What the host sends itself never comes in, so it passes `output` and not `prerouting`.
  assert.equal(await get(host, published), 'ECONNREFUSED')
  await host.nft.apply([
    nft.chain('ip', 'tutorial', 'from-the-host', { type: 'nat', hook: 'output', prio: -100 }),
    nft.rule('ip', 'tutorial', 'from-the-host', toRed),
  ])
  assert.equal(await get(host, published), `red saw ${ofHost}`)
}

async function aClosedHostNeedsForwardingRules({ host, outside, red }: World): Promise<void> {
  say('Where the host’s policy is to drop what is to be forwarded, rules have to let the bridge’s packets through.')
  await using _inside = await serving(red, 80, 'red')
  await using _outside = await serving(outside, 80, 'outside')
  const [inwards, outwards] = [`http://${ofHost}:8080/`, `http://${ofOutside}/`]
  await host.nft.apply([nft.chain('ip', 'tutorial', 'gate', { type: 'filter', hook: 'forward', prio: 0, policy: 'drop' })])
  assert.equal(await get(outside, inwards), 'ETIMEDOUT')
  assert.equal(await get(red, outwards), 'ETIMEDOUT')

  const accept = { accept: null }
  await host.nft.apply([
    nft.rule('ip', 'tutorial', 'gate', [nft.match('ct state', 'in', ['established', 'related']), accept]),
    nft.rule('ip', 'tutorial', 'gate', [nft.match('iifname', 'br0'), accept]),
  ])
  assert.equal(await get(red, outwards), `outside saw ${ofHost}`)
  assert.equal(await get(outside, inwards), 'ETIMEDOUT')

  await host.nft.apply([nft.rule('ip', 'tutorial', 'gate', [nft.match('ip daddr', ofRed), nft.match('tcp dport', 80), accept])])
  assert.equal(await get(outside, inwards), `red saw ${ofOutside}`)
}

async function modeHost({ host, outside }: World): Promise<void> {
  say('Network mode “host” is no namespace at all: the container’s process runs in the host’s own, and its ports are the host’s.')
  // Here `host` plays it; in a real program it is Netns.current().
  await using _server = await serving(host, 8081, 'container')
  assert.equal(await get(outside, `http://${ofHost}:8081/`), `container saw ${ofOutside}`)
}

async function modeNone(): Promise<void> {
  say('Network mode “none” is a namespace and nothing in it: the container can speak with itself alone.')
  await using container = await Netns.create()
  await (await Link.get('lo', { netns: container })).set({ up: true })
  assert.equal(await ping(container, '127.0.0.1'), 'answer')
  assert.equal(await ping(container, ofOutside), 'no route')
}

async function modeBridge({ host, outside, red, blue }: World): Promise<void> {
  say('Network mode “bridge” is all of the above together: a bridge, cables, routes, forwarding, masquerade and published ports.')
  // First away with what was made by hand; forwarding as it was.
  await host.nft.apply([{ delete: { table: { family: 'ip', name: 'tutorial' } } }])
  await Link.deleteAll(await host.links.list({ kind: 'veth', master: 'br0' }))
  await (await Bridge.get('br0', { netns: host })).delete()
  await host.sysctl.set('net.ipv4.ip_forward', 0)

  await using network = await createBridgeNetwork({ netns: host, name: 'tutorial', subnet: '172.30.0.0/24' })
  const web = await network.attach(red, { name: 'red', publish: [{ hostPort: 8080, port: 80 }] })
  await network.attach(blue, { name: 'blue' })
  const [address = ''] = web.addresses[0]?.split('/') ?? []

  await using _inside = await serving(red, 80, 'red')
  await using _outside = await serving(outside, 80, 'outside')
  assert.equal(await ping(blue, address), 'answer')
  assert.equal(await get(blue, `http://${ofOutside}/`), `outside saw ${ofHost}`)
  assert.equal(await get(outside, `http://${ofHost}:8080/`), `red saw ${ofOutside}`)
  assert.match(await get(host, 'http://127.0.0.1:8080/'), /^red saw /)

  await network.destroy()
  assert.equal(await linkNames(host), 'lo uplink')
  assert.equal((await host.nft.list()).nftables.length, 0)
  assert.equal(await host.sysctl.get('net.ipv4.ip_forward'), '0')
}

/** The whole tutorial, in its order. */
export const steps: readonly ((world: World) => Promise<void>)[] = [
  aNamespaceIsEmpty,
  aCableConnectsTwo,
  whatHasNoRouteIsOutOfReach,
  twoCablesClash,
  aNamespaceTakesItsLinksAlong,
  aBridgeConnectsMany,
  theHostJoinsTheBridge,
  aDefaultRouteLeadsOn,
  theWayOutNeedsForwardingAndMasquerade,
  publishingIsDestinationNat,
  aClosedHostNeedsForwardingRules,
  modeHost,
  modeNone,
  modeBridge,
]

/** A host with a cable to the outside world, and two containers that have no network yet. */
export async function makeWorld(): Promise<World> {
  const [host, outside, red, blue] = await Promise.all([Netns.create(), Netns.create(), Netns.create(), Netns.create()])
  await (await Link.get('lo', { netns: host })).set({ up: true })
  await Veth.create({
    netns: host,
    name: 'uplink',
    up: true,
    addresses: [`${ofHost}/24`],
    peer: { netns: outside, name: 'eth0', up: true, addresses: [`${ofOutside}/24`] },
  })
  return { host, outside, red, blue }
}

/** Ends what {@link makeWorld} made. */
export async function endWorld({ host, outside, red, blue }: World): Promise<void> {
  await Promise.all([host, outside, red, blue].map((netns) => netns.delete()))
}

/** Runs the tutorial; rejects at the first observation that is not as it says. */
export async function main(): Promise<void> {
  const world = await makeWorld()
  try {
    for (const step of steps) await step(world)
  } finally {
    await endWorld(world)
  }
}

function say(sentence: string): void {
  console.log(`- ${sentence}`)
}

/** The names of the namespace's links, in the kernel's order. */
async function linkNames(netns: Netns): Promise<string> {
  return (await netns.links.list()).map(({ name }) => name).join(' ')
}

/** The names of the links that routes to the destination lead through, the preferred one first. */
async function linksTo(destination: string, netns: Netns): Promise<string> {
  const routes = (await netns.routes.list()).filter(({ to }) => to === destination)
  const links = await Promise.all(routes.map(({ link = 0 }) => Link.get(link, { netns })))
  return links.map(({ name }) => name).join(' ')
}

if (require.main === module) void main()
