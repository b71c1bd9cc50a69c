// What connection tracking remembers: a flow goes where the port now leads, not where it led when the flow began. And route_localnet.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createBridgeNetwork, type BridgeNetwork, type Endpoint, type Netns } from 'netprim'
import { addressOf, hostAddress, outsideAddress, tcp, udp, World } from '../helpers/bridge-world.js'
import { ip, runIn } from '../helpers/oracle.js'

const published = { hostPort: 5353, port: 53, protocol: 'udp' } as const
/** The same each time, so that it is one flow to the kernel. */
const sourcePort = 40_000

let world: World
let host: Netns
let net: BridgeNetwork
let first: Endpoint
let second: Endpoint
beforeEach(async () => {
  world = await World.create()
  host = world.host
  net = await createBridgeNetwork({ netns: host, name: 'net', subnet: '172.30.0.0/24' })
  first = await net.attach(await world.container(), { name: 'first' })
  second = await net.attach(await world.container(), { name: 'second' })
  await world.serve(first.netns, 53, 'first')
  await world.serve(second.netns, 53, 'second')
})
afterEach(() => world.end())

const ask = (): Promise<string> => udp(world.outside, hostAddress, 5353, sourcePort)
const flows = (): string => runIn(host, 'conntrack', '-L', '-p', 'udp', '--dport', '5353')

test('a flow that began before the port was published meets the container once it is', async () => {
  expect(await ask()).toBe('ECONNREFUSED')
  await first.publish(published)
  expect(await ask()).toBe(`first saw ${outsideAddress}`)
})

test('a flow moves to the container that the port is published for anew', async () => {
  await first.publish(published)
  expect(await ask()).toBe(`first saw ${outsideAddress}`)
  expect(flows()).toContain(`src=${addressOf(first)}`)
  await first.unpublish(published)
  expect(flows()).toBe('')
  expect(await ask()).toBe('ECONNREFUSED')
  await second.publish(published)
  expect(await ask()).toBe(`second saw ${outsideAddress}`)
})

test('a flow of the host’s own at 127.0.0.1 moves too', async () => {
  const askHere = (): Promise<string> => udp(host, '127.0.0.1', 5353, sourcePort)
  expect(await askHere()).toBe('ECONNREFUSED')
  await first.publish(published)
  expect(await askHere()).toBe(`first saw ${net.gateway}`)
  await first.unpublish(published)
  await second.publish(published)
  expect(await askHere()).toBe(`second saw ${net.gateway}`)
})

test('a flow moves from a container that is detached to the one that is attached in its place', async () => {
  await first.publish(published)
  expect(await ask()).toBe(`first saw ${outsideAddress}`)
  await first.detach()
  const third = await net.attach(await world.container(), { name: 'third', publish: [published] })
  await world.serve(third.netns, 53, 'third')
  expect(await ask()).toBe(`third saw ${outsideAddress}`)
})

test('the flows of other ports, and of others to the same port elsewhere, stay', async () => {
  await world.serve(world.outside, 5353, 'outside')
  const outwards = (): Promise<string> => udp(second.netns, outsideAddress, 5353, sourcePort)
  expect(await outwards()).toBe(`outside saw ${hostAddress}`)
  await first.publish(published)
  await first.unpublish(published)
  expect(flows()).toContain(`dst=${outsideAddress}`)
  expect(await outwards()).toBe(`outside saw ${hostAddress}`)
})

test('a container does not reach what listens at the host’s 127.0.0.1, although route_localnet is on', async () => {
  await world.serve(host, 9000, 'host')
  expect(runIn(host, 'cat', `/proc/sys/net/ipv4/conf/${net.bridge.name}/route_localnet`).trim()).toBe('1')
  // What a malicious container would do: send packets for 127.0.0.1 to its gateway.
  const { netns } = first
  await netns.sysctl.set('net.ipv4.conf.all.route_localnet', 1)
  ip(netns, 'address', 'delete', '127.0.0.1/8', 'dev', 'lo')
  ip(netns, 'route', 'add', '127.0.0.1/32', 'via', net.gateway, 'src', addressOf(first))
  expect(await tcp(netns, '127.0.0.1', 9000)).toBe('ETIMEDOUT')
  expect(await udp(netns, '127.0.0.1', 9000)).toBe('ETIMEDOUT')
  // It is netprim's rule that keeps it out.
  runIn(host, 'nft', 'flush', 'chain', 'inet', 'netprim', 'raw_prerouting')
  expect(await tcp(netns, '127.0.0.1', 9000)).toBe(`host saw ${addressOf(first)}`)
})
