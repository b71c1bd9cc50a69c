// Containers that are kept ready: what is taken is on the network as one that was attached, and what is not taken does not show.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createBridgeNetwork, type BridgeNetwork, type Endpoint, type Netns } from 'netprim'
import { addressOf, both, hostAddress, outsideAddress, snapshotOf, tcp, World } from '../helpers/bridge-world.js'
import { refusal } from '../helpers/errors.js'
import { ip, ipJson, runIn } from '../helpers/oracle.js'

let world: World
let host: Netns
beforeEach(async () => {
  world = await World.create()
  host = world.host
})
afterEach(() => world.end())

const options = { name: 'net', subnet: '172.30.0.0/24' }
const ports = (net: BridgeNetwork): number => ipJson(host, 'link', 'show', 'master', net.bridge.name).length
const endpoints = async (net: BridgeNetwork): Promise<string[]> => (await net.inspect()).endpoints.map(({ name }) => name)

/** Waits, for a while, until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let round = 0; round < 100 && !isSo(); round++) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('one that is taken speaks with all that one that was attached speaks with', async () => {
  await using net = await createBridgeNetwork({ netns: host, ...options, pool: 2 })
  expect(ports(net)).toBe(2)
  expect(await endpoints(net)).toEqual([])
  await using app = await net.attachNew({ name: 'app', publish: [{ hostPort: 8080, port: 80 }] })
  await using other = await net.attachNew()
  await world.serve(app.netns, 80, 'app')
  await world.serve(world.outside, 80, 'outside')
  expect(await both(other.netns, addressOf(app), 80)).toBe(`app saw ${addressOf(other)}`)
  expect(await tcp(world.outside, hostAddress, 8080)).toBe(`app saw ${outsideAddress}`)
  expect(await tcp(other.netns, outsideAddress, 80)).toBe(`outside saw ${hostAddress}`)
  expect((await endpoints(net)).sort()).toEqual(['app', other.name].sort())
  expect((await net.inspect()).endpoints.find(({ name }) => name === 'app')?.published).toMatchObject([{ hostPort: 8080, port: 80 }])
  await until(() => ports(net) === 4)
  expect(ports(net)).toBe(4)
})

test('none is made while others are taken one right after the other; behind them, all that were taken are', async () => {
  await using net = await createBridgeNetwork({ netns: host, ...options, pool: 8 })
  const apps: Endpoint[] = []
  for (let at = 0; at < 8; at++) apps.push(await net.attachNew())
  expect(ports(net)).toBe(8)
  await until(() => ports(net) === 16)
  expect(ports(net)).toBe(16)
  apps.push(await net.attachNew())
  await until(() => ports(net) === 17)
  expect(ports(net)).toBe(17)
  await Promise.all(apps.map((app) => app[Symbol.asyncDispose]()))
})

test('its address belongs to the name that it was given', async () => {
  await using net = await createBridgeNetwork({ netns: host, ...options, pool: 1 })
  await using app = await net.attachNew({ name: 'app' })
  const error = await refusal(net.attach(await world.container(), { ip: addressOf(app) }))
  expect(error.detail).toBe(`${addressOf(app)} belongs to net/app`)
})

test('a name or a port that is taken is refused, and nothing of it stays', async () => {
  await using net = await createBridgeNetwork({ netns: host, ...options, pool: 1 })
  await using app = await net.attachNew({ name: 'app', publish: [{ hostPort: 8080, port: 80 }] })
  await until(() => ports(net) === 2)
  expect(await refusal(net.attachNew({ name: 'app' }))).toMatchObject({ code: 'EEXIST', attribute: 'name' })
  await until(() => ports(net) === 2)
  expect(await refusal(net.attachNew({ name: 'b', publish: [{ hostPort: 8080 }] }))).toMatchObject({ code: 'EEXIST', attribute: 'publish' })
  await until(() => ports(net) === 2)
  expect(ports(net)).toBe(2)
  expect(await endpoints(net)).toEqual(['app'])
  const elements = (set: string): number => runIn(host, 'nft', 'list', 'set', 'inet', 'netprim', set).split('comment').length - 1
  const published = runIn(host, 'nft', 'list', 'map', 'inet', 'netprim', 'published')
  expect(published.match(/: [\d.]+/g)).toEqual([`: ${addressOf(app)}`])
  expect(elements('addresses')).toBe(2)
  await app.detach()
})

test('is filled again when there are addresses again', async () => {
  await using net = await createBridgeNetwork({ netns: host, name: 'net', subnet: '172.30.0.0/29', pool: 1 })
  // The gateway has one of the six.
  const apps: Endpoint[] = []
  for (let at = 0; at < 5; at++) apps.push(await net.attachNew())
  await expect(net.attachNew()).rejects.toMatchObject({ code: 'ERR_NETPRIM_NO_ADDRESS' })
  await Promise.all(apps.slice(0, 2).map((app) => app[Symbol.asyncDispose]()))
  apps.push(await net.attachNew())
  await until(() => ports(net) === 5)
  expect(ports(net)).toBe(5)
  await Promise.all(apps.map((app) => app[Symbol.asyncDispose]()))
})

test('one whose link somebody has deleted is nobody’s; another is made', async () => {
  await using net = await createBridgeNetwork({ netns: host, ...options, pool: 1 })
  const [spare] = ipJson(host, 'link', 'show', 'master', net.bridge.name)
  ip(host, 'link', 'delete', spare!.ifname)
  await using app = await net.attachNew({ name: 'app' })
  await world.serve(app.netns, 80, 'app')
  expect(await tcp(host, addressOf(app), 80)).toContain('app saw')
})

test('what a spare one cannot be is made: an address, a MAC, a link’s name', async () => {
  await using net = await createBridgeNetwork({ netns: host, ...options, pool: 1 })
  await using app = await net.attachNew({ ip: '172.30.0.99', mac: '02:00:00:00:00:99', ifname: 'lan0' })
  expect(app.addresses).toEqual(['172.30.0.99/24'])
  expect(ipJson(app.netns, 'link', 'show', 'lan0')).toMatchObject([{ address: '02:00:00:00:00:99' }])
})

test('without a pool a fresh namespace is made', async () => {
  await using net = await createBridgeNetwork({ netns: host, ...options })
  await using app = await net.attachNew({ name: 'app' })
  expect(runIn(app.netns, 'cat', '/sys/class/net/eth0/address').length).toBeGreaterThan(0)
  expect(await endpoints(net)).toEqual(['app'])
})

test('destroy leaves the host as it was, whatever is being made ready', async () => {
  const before = snapshotOf(host)
  const net = await createBridgeNetwork({ netns: host, ...options, pool: 3 })
  const app = await net.attachNew()
  await net.destroy()
  await app.netns.close()
  expect(snapshotOf(host)).toEqual(before)
})

test('one who adopts the network takes only his own spare ones away', async () => {
  await using net = await createBridgeNetwork({ netns: host, ...options, pool: 1 })
  {
    await using adopted = await createBridgeNetwork({ netns: host, ...options, pool: 2 })
    expect(ports(adopted)).toBe(3)
  }
  expect(ports(net)).toBe(1)
})

test('a subnet that is too small for the pool is refused, and the host left as it was', async () => {
  const before = snapshotOf(host)
  await expect(createBridgeNetwork({ netns: host, name: 'net', subnet: '172.30.0.0/30', pool: 5 })).rejects.toMatchObject({
    code: 'ERR_NETPRIM_NO_ADDRESS',
  })
  expect(snapshotOf(host)).toEqual(before)
})
