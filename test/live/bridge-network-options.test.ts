// The options of a bridge network, each by what it does to real traffic: icc, internal, masquerade, mtu, gateway, subnet.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createBridgeNetwork, type BridgeNetwork, type BridgeNetworkOptions, type Endpoint, type Netns } from 'netprim'
import { addressOf, both, hostAddress, outsideAddress, tcp, World } from '../helpers/bridge-world.js'
import { globalAddresses, ip, ipJson, ipLink } from '../helpers/oracle.js'

let world: World
let host: Netns
let outside: Netns
beforeAll(async () => {
  world = await World.create()
  ;({ host, outside } = world)
  await world.serve(outside, 80, 'outside')
  await world.serve(host, 80, 'host')
})
afterAll(() => world.end())

/** A network with two containers in it; both serve port 80. */
async function make(options: BridgeNetworkOptions): Promise<{ net: BridgeNetwork; one: Endpoint; two: Endpoint }> {
  const net = await createBridgeNetwork({ netns: host, ...options })
  const one = await net.attach(await world.container(), { name: 'one' })
  const two = await net.attach(await world.container(), { name: 'two' })
  await world.serve(one.netns, 80, 'one')
  await world.serve(two.netns, 80, 'two')
  return { net, one, two }
}

describe('by default', () => {
  let made: Awaited<ReturnType<typeof make>>
  beforeAll(async () => {
    made = await make({ name: 'plain', subnet: '172.20.0.0/24' })
  })

  test('containers reach one another, each other’s own address being seen', async () => {
    const { one, two } = made
    expect(await both(one.netns, addressOf(two), 80)).toBe(`two saw ${addressOf(one)}`)
    expect(await both(two.netns, addressOf(one), 80)).toBe(`one saw ${addressOf(two)}`)
  })

  test('containers reach the outside, which sees the host’s address', async () => {
    expect(await both(made.one.netns, outsideAddress, 80)).toBe(`outside saw ${hostAddress}`)
  })

  test('containers reach the host, and it sees their own address', async () => {
    expect(await both(made.one.netns, made.net.gateway, 80)).toBe(`host saw ${addressOf(made.one)}`)
    // By TCP alone: the server answers a datagram from the address that is nearest to the client.
    expect(await tcp(made.one.netns, hostAddress, 80)).toBe(`host saw ${addressOf(made.one)}`)
  })

  test('a container has its address, its default route and no IPv6 on the link', async () => {
    const { one } = made
    expect(globalAddresses(one.netns, 'eth0')).toEqual(['172.20.0.2/24'])
    expect(ipLink(one.netns, 'eth0')).toMatchObject({ address: one.mac, mtu: 1500, flags: expect.arrayContaining(['UP', 'LOWER_UP']) })
    expect(ipLink(one.netns, 'lo').flags).toContain('UP')
    expect(ipJson(one.netns, 'route', 'show', 'default')).toMatchObject([{ gateway: '172.20.0.1', dev: 'eth0' }])
    expect(ipJson(one.netns, '-6', 'address', 'show', 'dev', 'eth0')).toEqual([])
  })
})

describe('icc: false', () => {
  let made: Awaited<ReturnType<typeof make>>
  beforeAll(async () => {
    made = await make({ name: 'apart', subnet: '172.21.0.0/24', icc: false })
  })

  test('keeps containers of the network from one another', async () => {
    const { one, two } = made
    expect(await both(one.netns, addressOf(two), 80)).toMatch(/^(ETIMEDOUT|EHOSTUNREACH)$/)
    expect(await both(two.netns, addressOf(one), 80)).toMatch(/^(ETIMEDOUT|EHOSTUNREACH)$/)
  })

  test('keeps them apart by way of the host too', async () => {
    const { net, one, two } = made
    await one.netns.routes.add({ to: addressOf(two), via: net.gateway })
    expect(await both(one.netns, addressOf(two), 80)).toBe('ETIMEDOUT')
  })

  test('leaves the host and the outside reachable', async () => {
    const { net, one } = made
    expect(await both(one.netns, net.gateway, 80)).toBe(`host saw ${addressOf(one)}`)
    expect(await both(one.netns, outsideAddress, 80)).toBe(`outside saw ${hostAddress}`)
    expect(await both(host, addressOf(one), 80)).toBe(`one saw ${net.gateway}`)
  })

  test('leaves published ports reachable from outside', async () => {
    await made.one.publish({ hostPort: 8021, port: 80 })
    await made.one.publish({ hostPort: 8021, port: 80, protocol: 'udp' })
    expect(await both(outside, hostAddress, 8021)).toBe(`one saw ${outsideAddress}`)
    expect(await both(made.one.netns, addressOf(made.two), 80)).toMatch(/^(ETIMEDOUT|EHOSTUNREACH)$/)
  })
})

describe('internal: true', () => {
  let made: Awaited<ReturnType<typeof make>>
  let published: Endpoint
  beforeAll(async () => {
    made = await make({ name: 'inner', subnet: '172.22.0.0/24', internal: true })
    const open = await make({ name: 'open', subnet: '172.23.0.0/24' })
    published = open.one
    for (const protocol of ['tcp', 'udp'] as const) await published.publish({ hostPort: 8023, port: 80, protocol })
  })

  test('leaves containers of the network reachable to one another and the host', async () => {
    const { net, one, two } = made
    expect(await both(one.netns, addressOf(two), 80)).toBe(`two saw ${addressOf(one)}`)
    expect(await both(host, addressOf(one), 80)).toBe(`one saw ${net.gateway}`)
  })

  test('has no way out, not even with a default route', async () => {
    const { net, one } = made
    expect(ipJson(one.netns, 'route', 'show', 'default')).toEqual([])
    expect(await both(one.netns, outsideAddress, 80)).toBe('ENETUNREACH')
    await one.netns.routes.add({ to: 'default', via: net.gateway })
    expect(await both(one.netns, outsideAddress, 80)).toBe('ETIMEDOUT')
    expect(await both(one.netns, addressOf(published), 80)).toBe('ETIMEDOUT')
  })

  test('has no way to other networks’ published ports', async () => {
    const { net, one } = made
    expect(await both(one.netns, net.gateway, 8023)).toMatch(/^(ETIMEDOUT|ECONNREFUSED)$/)
    expect(await both(one.netns, hostAddress, 8023)).toMatch(/^(ETIMEDOUT|ECONNREFUSED)$/)
  })

  test('has no way in from outside or from other networks, not even with a route', async () => {
    const { net, one } = made
    await outside.routes.add({ to: net.subnet, via: hostAddress })
    expect(await both(outside, addressOf(one), 80)).toBe('ETIMEDOUT')
    expect(await both(published.netns, addressOf(one), 80)).toBe('ETIMEDOUT')
    await outside.routes.delete({ to: net.subnet })
  })

  test('takes no published ports', async () => {
    await expect(made.one.publish({ hostPort: 8022 })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
    await expect(made.net.attach(await world.container(), { publish: [{ hostPort: 8022 }] })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
    })
  })
})

describe('masquerade: false', () => {
  test('shows the outside the containers’ own addresses', async () => {
    const { net, one } = await make({ name: 'routed', subnet: '172.24.0.0/24', masquerade: false })
    expect(await both(one.netns, outsideAddress, 80)).toBe('ETIMEDOUT')
    await outside.routes.add({ to: net.subnet, via: hostAddress })
    expect(await both(one.netns, outsideAddress, 80)).toBe(`outside saw ${addressOf(one)}`)
    expect(await both(outside, addressOf(one), 80)).toBe('ETIMEDOUT')
    await outside.routes.delete({ to: net.subnet })
  })
})

describe('subnet, gateway, bridge and mtu', () => {
  test('are as asked for', async () => {
    const net = await createBridgeNetwork({
      netns: host,
      name: 'asked',
      subnet: '10.77.0.0/22',
      gateway: '10.77.1.254',
      bridge: 'asked.0',
      mtu: 1300,
    })
    expect(net).toMatchObject({ subnet: '10.77.0.0/22', gateway: '10.77.1.254', mtu: 1300 })
    expect(globalAddresses(host, 'asked.0')).toEqual(['10.77.1.254/22'])
    const end = await net.attach(await world.container(), { ip: '10.77.3.9', mac: '02:00:00:00:00:99', ifname: 'up.link' })
    expect(ipLink(end.netns, 'up.link')).toMatchObject({ mtu: 1300, address: '02:00:00:00:00:99' })
    expect([ipLink(host, 'asked.0').mtu, ipLink(host, end.link.name).mtu]).toEqual([1300, 1300])
    expect(globalAddresses(end.netns, 'up.link')).toEqual(['10.77.3.9/22'])
    expect(ipJson(end.netns, 'route', 'show', 'default')).toMatchObject([{ gateway: '10.77.1.254' }])
    expect(await both(end.netns, outsideAddress, 80)).toBe(`outside saw ${hostAddress}`)
  })

  test('are, unasked for, a subnet that no route leads to, its first address, and the MTU of the way out', async () => {
    ip(host, 'link', 'set', 'uplink', 'mtu', '1400')
    ip(host, 'route', 'add', '172.17.0.0/16', 'via', outsideAddress)
    const nets = [await createBridgeNetwork({ netns: host, name: 'auto1' }), await createBridgeNetwork({ netns: host, name: 'auto2' })]
    expect(nets.map(({ gateway }) => gateway)).toEqual(nets.map(({ subnet }) => subnet.replace('.0.0/16', '.0.1')))
    expect(new Set(nets.map(({ subnet }) => subnet)).size).toBe(2)
    expect(nets.map(({ subnet }) => subnet)).not.toContain('172.17.0.0/16')
    expect(nets.map(({ mtu }) => mtu)).toEqual([1400, 1400])
    expect(ipLink(host, nets[0]!.bridge.name).mtu).toBe(1400)
    ip(host, 'link', 'set', 'uplink', 'mtu', '1500')
  })
})
