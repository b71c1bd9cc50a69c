// Published ports: who reaches them, by which of the host's addresses, and which address the server sees; what isn't published is closed.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createBridgeNetwork, type BridgeNetwork, type Endpoint, type Netns } from 'netprim'
import { addressOf, both, hostAddress, hostAddresses, outsideAddress, tcp, udp, World } from '../helpers/bridge-world.js'

let world: World
let net: BridgeNetwork
let other: BridgeNetwork
let web: Endpoint
let app: Endpoint
let stranger: Endpoint
let host: Netns
let outside: Netns
beforeAll(async () => {
  world = await World.create()
  ;({ host, outside } = world)
  net = await createBridgeNetwork({ netns: host, name: 'net', subnet: '172.30.0.0/24' })
  other = await createBridgeNetwork({ netns: host, name: 'other', subnet: '172.31.0.0/24' })
  const publish = [
    { hostPort: 8080, port: 80 },
    { hostPort: 8080, port: 80, protocol: 'udp' },
  ] as const
  web = await net.attach(await world.container(), { name: 'web', publish })
  app = await net.attach(await world.container(), { name: 'app' })
  stranger = await other.attach(await world.container(), { name: 'stranger' })
  await world.serve(web.netns, 80, 'web')
  await world.serve(web.netns, 81, 'web')
})
afterAll(() => world.end())

describe('a published port', () => {
  test.each(hostAddresses)('is reached from outside at %s, and the client’s own address is seen', async (address) => {
    const client = address === hostAddress ? outsideAddress : '198.51.100.2'
    expect(await both(outside, address, 8080)).toBe(`web saw ${client}`)
  })

  test.each(hostAddresses)('is reached from the host at %s', async (address) => {
    expect(await both(host, address, 8080)).toBe(`web saw ${address}`)
  })

  test('is reached from the host at 127.0.0.1, at any other loopback address and at the gateway, by the gateway’s address', async () => {
    for (const address of ['127.0.0.1', '127.0.0.9', net.gateway, other.gateway]) {
      expect([address, await both(host, address, 8080)]).toEqual([
        address,
        expect.stringMatching(/^web saw (172\.30\.0\.1|172\.31\.0\.1)$/),
      ])
    }
  })

  test('is reached from a container of the network at the gateway and at the host’s addresses, behind the gateway’s', async () => {
    for (const address of [net.gateway, ...hostAddresses]) expect(await both(app.netns, address, 8080)).toBe(`web saw ${net.gateway}`)
  })

  test('is reached from the container itself', async () => {
    for (const address of [net.gateway, ...hostAddresses]) expect(await both(web.netns, address, 8080)).toBe(`web saw ${net.gateway}`)
  })

  test('is reached from a container of another network, whose own address is seen', async () => {
    for (const address of [other.gateway, net.gateway, ...hostAddresses]) {
      expect(await both(stranger.netns, address, 8080)).toBe(`web saw ${addressOf(stranger)}`)
    }
  })

  test('answers to many clients at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => tcp(outside, hostAddress, 8080)))
    expect(new Set(answers)).toEqual(new Set([`web saw ${outsideAddress}`]))
  })
})

describe('what is not published', () => {
  test('is refused by the host', async () => {
    for (const client of [outside, host, app.netns, stranger.netns]) expect(await both(client, hostAddress, 8081)).toBe('ECONNREFUSED')
  })

  test('is out of reach from outside, even with a route to the subnet', async () => {
    expect(await both(outside, addressOf(web), 81)).toBe('ENETUNREACH')
    await outside.routes.add({ to: net.subnet, via: hostAddress })
    expect(await both(outside, addressOf(web), 81)).toBe('ETIMEDOUT')
    expect(await both(outside, addressOf(web), 80)).toBe('ETIMEDOUT')
    expect(await both(outside, net.gateway, 8080)).toBe(`web saw ${outsideAddress}`)
    await outside.routes.delete({ to: net.subnet })
  })

  test('is out of reach from other networks, even with a route to the subnet', async () => {
    await stranger.netns.routes.add({ to: net.subnet, via: other.gateway })
    expect(await both(stranger.netns, addressOf(web), 81)).toBe('ETIMEDOUT')
    expect(await both(stranger.netns, addressOf(web), 80)).toBe('ETIMEDOUT')
    await stranger.netns.routes.delete({ to: net.subnet })
  })

  test('is reached within the network, and by the host', async () => {
    expect(await both(app.netns, addressOf(web), 81)).toBe(`web saw ${addressOf(app)}`)
    expect(await both(host, addressOf(web), 81)).toBe(`web saw ${net.gateway}`)
  })
})

describe('hostIp', () => {
  test('of one of the host’s addresses is answered there alone', async () => {
    await web.publish({ hostPort: 9000, port: 80, hostIp: hostAddresses[1] })
    await web.publish({ hostPort: 9000, port: 80, hostIp: hostAddresses[1], protocol: 'udp' })
    expect(await both(outside, hostAddresses[1], 9000)).toBe('web saw 198.51.100.2')
    expect(await both(outside, hostAddress, 9000)).toBe('ECONNREFUSED')
    expect(await both(host, '127.0.0.1', 9000)).toBe('ECONNREFUSED')
    expect(await both(app.netns, hostAddresses[1], 9000)).toBe(`web saw ${net.gateway}`)
  })

  test('of 127.0.0.1 is answered to the host alone', async () => {
    await web.publish({ hostPort: 9001, port: 80, hostIp: '127.0.0.1' })
    expect(await tcp(host, '127.0.0.1', 9001)).toBe(`web saw ${net.gateway}`)
    for (const client of [outside, host, app.netns]) expect(await tcp(client, hostAddress, 9001)).toBe('ECONNREFUSED')
  })

  test('lets two containers have one port, each at its address', async () => {
    await world.serve(app.netns, 80, 'app')
    await web.publish({ hostPort: 9002, port: 80, hostIp: hostAddresses[0] })
    await app.publish({ hostPort: 9002, port: 80, hostIp: hostAddresses[1] })
    expect(await tcp(outside, hostAddresses[0], 9002)).toBe(`web saw ${outsideAddress}`)
    expect(await tcp(outside, hostAddresses[1], 9002)).toBe('app saw 198.51.100.2')
  })
})

describe('publish and unpublish', () => {
  test('open and close a port of one protocol', async () => {
    await web.publish({ hostPort: 9100, port: 81, protocol: 'udp' })
    expect([await udp(outside, hostAddress, 9100), await tcp(outside, hostAddress, 9100)]).toEqual([
      `web saw ${outsideAddress}`,
      'ECONNREFUSED',
    ])
    await web.unpublish({ hostPort: 9100, protocol: 'udp' })
    expect(await both(outside, hostAddress, 9100)).toBe('ECONNREFUSED')
  })

  test('can be called twice, and close nothing of anybody else’s', async () => {
    await web.publish({ hostPort: 9101, port: 80 })
    await web.unpublish({ hostPort: 9101 })
    await web.unpublish({ hostPort: 9101 })
    await app.publish({ hostPort: 9101, port: 80 })
    await web.unpublish({ hostPort: 9101 })
    expect(await tcp(outside, hostAddress, 9101)).toBe(`app saw ${outsideAddress}`)
    expect(app.published).toContainEqual(expect.objectContaining({ hostPort: 9101, port: 80, protocol: 'tcp' }))
  })

  test('leads to the same port in the container where none is named', async () => {
    await web.publish({ hostPort: 81 })
    expect(await tcp(outside, hostAddress, 81)).toBe(`web saw ${outsideAddress}`)
  })
})
