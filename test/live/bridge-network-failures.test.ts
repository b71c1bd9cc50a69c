// Each step of an attach made to fail in turn: the error says what and why, nothing is left, and once the cause is gone the call succeeds.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createBridgeNetwork, Link, Netns, NetprimError, Veth, type AttachOptions, type BridgeNetwork, type Endpoint } from 'netprim'
import { hostAddress, outsideAddress, snapshotOf, tcp, World, type Snapshot } from '../helpers/bridge-world.js'
import { rejection } from '../helpers/errors.js'
import { ip } from '../helpers/oracle.js'

let world: World
let host: Netns
let net: BridgeNetwork
let holder: Endpoint
let container: Netns
beforeAll(async () => {
  world = await World.create()
  host = world.host
})
beforeEach(async () => {
  net = await createBridgeNetwork({ netns: host, name: 'net', subnet: '172.30.0.0/24' })
  holder = await net.attach(await world.container(), { name: 'holder' })
  container = await world.container()
})
afterEach(() => net.destroy())
afterAll(() => world.end())

/** What is asked for in every case. */
const wish = {
  name: 'web',
  ip: '172.30.0.50',
  publish: [
    { hostPort: 8080, port: 80 },
    { hostPort: 8443, port: 443, hostIp: hostAddress },
  ],
} satisfies AttachOptions

const snapshots = (): [Snapshot, Snapshot] => [snapshotOf(host), snapshotOf(container)]

/** The error of an attach that leaves nothing behind. */
async function refused(options: AttachOptions, into: Netns = container): Promise<NetprimError> {
  const before = snapshots()
  const error = await rejection(net.attach(into, options))
  expect(snapshots()).toEqual(before)
  return error as NetprimError
}

/** Attaches now that the cause is gone, and sees that the container is reached. */
async function succeeds(options: AttachOptions, into: Netns = container): Promise<void> {
  const end = await net.attach(into, options)
  await world.serve(into, 80, 'web')
  expect(await tcp(world.outside, hostAddress, 8080)).toBe(`web saw ${outsideAddress}`)
  await end.detach()
}

test('the endpoint’s name is taken', async () => {
  const error = await refused({ ...wish, name: 'holder' })
  expect(error).toBeInstanceOf(NetprimError)
  expect(error).toMatchObject({
    code: 'EEXIST',
    operation: 'BridgeNetwork.attach',
    target: 'holder',
    syscall: 'RTM_NEWLINK',
    attribute: 'name',
  })
  expect(error.detail).toBe("the network 'net' has an endpoint of the name 'holder'")
  expect(error.suppressed).toEqual([])
  await holder.detach()
  await succeeds({ ...wish, name: 'holder' })
})

test('the link’s name is taken in the container', async () => {
  ip(container, 'link', 'add', 'eth0', 'type', 'bridge')
  const error = await refused(wish)
  expect(error).toBeInstanceOf(NetprimError)
  expect(error).toMatchObject({
    code: 'EEXIST',
    operation: 'BridgeNetwork.attach',
    target: 'web',
    syscall: 'RTM_NEWLINK',
    attribute: 'ifname',
  })
  expect(error.detail).toBe("the container has a link of the name 'eth0'")
  ip(container, 'link', 'delete', 'eth0')
  await succeeds(wish)
})

test('the address is taken', async () => {
  const other = await net.attach(await world.container(), { name: 'other', ip: wish.ip })
  const error = await refused(wish)
  expect(error).toBeInstanceOf(NetprimError)
  expect(error).toMatchObject({
    code: 'EEXIST',
    operation: 'BridgeNetwork.attach',
    attribute: 'ip',
    detail: '172.30.0.50 belongs to net/other',
  })
  await other.detach()
  await succeeds(wish)
})

describe('a port is taken', () => {
  const everywhere = { hostPort: 8080, port: 80 }
  const here = { ...everywhere, hostIp: hostAddress }
  test.each([
    ['at every address, and is asked for at every address', everywhere, everywhere],
    ['at every address, and is asked for at one', everywhere, here],
    ['at one address, and is asked for at every address', here, everywhere],
    ['at one address, and is asked for at the same', here, here],
  ])('%s', async (_case, held, asked) => {
    await holder.publish({ ...held, port: 9 })
    const options = { ...wish, publish: [{ hostPort: 1234 }, asked] }
    const error = await refused(options)
    expect(error).toBeInstanceOf(NetprimError)
    expect(error).toMatchObject({ code: 'EEXIST', operation: 'BridgeNetwork.attach', attribute: 'publish' })
    expect(error.detail).toMatch(/^tcp port 8080( at 203\.0\.113\.1)? is published by net\/holder$/)
    await holder.unpublish(held)
    await succeeds(options)
  })

  test('at one address only, or for the other protocol, and is asked for at another: no conflict', async () => {
    await holder.publish({ ...here, port: 9 })
    await holder.publish({ ...everywhere, protocol: 'udp' })
    const end = await net.attach(container, { ...wish, publish: [{ ...here, hostIp: '198.51.100.1' }] })
    await end.detach()
  })

  test('and is published later: publish says by whom, and the endpoint is as it was', async () => {
    const end = await net.attach(container, { name: 'web' })
    await holder.publish({ hostPort: 8080 })
    const before = snapshots()
    const error = await rejection(end.publish({ hostPort: 8080, port: 80 }))
    expect(error).toMatchObject({
      code: 'EEXIST',
      operation: 'Endpoint.publish',
      target: 'web *:8080/tcp',
      attribute: 'publish',
      detail: 'tcp port 8080 is published by net/holder',
    })
    expect(snapshots()).toEqual(before)
    expect(end.published).toEqual([])
  })
})

test('the handle of the container’s namespace is closed', async () => {
  const gone = await Netns.create()
  await gone.close()
  const error = await refused(wish, gone)
  expect(error).toMatchObject({ code: 'ERR_NETPRIM_CLOSED' })
  await succeeds(wish)
})

test('the container has a default route already', async () => {
  ip(container, 'link', 'set', 'lo', 'up')
  const uplink = await Veth.create({
    netns: container,
    name: 'other0',
    up: true,
    addresses: ['10.9.0.1/24'],
    peer: { name: 'other1', up: true },
  })
  await container.routes.add({ to: 'default', via: '10.9.0.2' })
  const error = await refused(wish)
  expect(error).toMatchObject({ code: 'EEXIST', operation: 'BridgeNetwork.attach', target: 'web', syscall: 'RTM_NEWROUTE' })
  await uplink.delete()
  await succeeds(wish)
})

test('there is no privilege', async () => {
  const before = snapshots()
  process.seteuid!(65_534)
  let error: unknown
  try {
    error = await rejection(net.attach(container, wish))
  } finally {
    process.seteuid!(0)
  }
  expect(error).toBeInstanceOf(NetprimError)
  expect(error).toMatchObject({ code: 'EPERM', operation: 'BridgeNetwork.attach', message: expect.stringContaining('CAP_NET_ADMIN') })
  expect(snapshots()).toEqual(before)
  await succeeds(wish)
})

test('the bridge has been deleted', async () => {
  await holder.detach()
  ip(host, 'link', 'delete', net.bridge.name)
  const error = await refused(wish)
  expect(error).toBeInstanceOf(NetprimError)
  expect(error).toMatchObject({
    code: 'ENODEV',
    operation: 'BridgeNetwork.attach',
    target: 'web',
    syscall: 'RTM_NEWLINK',
    detail: "the bridge 'br-net' is gone",
  })
  net = await createBridgeNetwork({ netns: host, name: 'net', subnet: '172.30.0.0/24' })
  await succeeds(wish)
})

test('the table has been flushed away', async () => {
  await holder.detach()
  const { execFileSync } = await import('node:child_process')
  host.run(() => execFileSync('nft', ['flush', 'ruleset']))
  const error = await refused(wish)
  expect(error).toMatchObject({ code: 'ENOENT', operation: 'BridgeNetwork.attach' })
  await createBridgeNetwork({ netns: host, name: 'net' })
  await succeeds(wish)
})

test('a port is asked for twice in one call', async () => {
  const publish = [{ hostPort: 53 }, { hostPort: 53, protocol: 'udp' }, { hostPort: 53, hostIp: '127.0.0.1' }] as const
  const before = snapshots()
  await expect(net.attach(container, { ...wish, publish })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringContaining("'publish[2]'") as unknown,
  })
  expect(snapshots()).toEqual(before)
  const end = await net.attach(container, { ...wish, publish: publish.slice(0, 2) })
  await end.detach()
})

test('the signal has been given before, or is given on the way', async () => {
  const reason = new Error('called off')
  expect(await refused({ ...wish, signal: AbortSignal.abort(reason) })).toBe(reason)
  let calledOff = 0
  for (let ticks = 0; ticks < 8; ticks++) {
    const controller = new AbortController()
    const before = snapshots()
    const attaching = net.attach(container, { ...wish, signal: controller.signal })
    for (let tick = 0; tick < ticks; tick++) await new Promise(setImmediate)
    controller.abort(reason)
    const [outcome] = await Promise.allSettled([attaching])
    if (outcome.status === 'rejected') {
      calledOff++
      expect(outcome.reason).toBe(reason)
      expect(snapshots()).toEqual(before)
    } else {
      // It came too late: the container is attached, whole.
      await outcome.value.detach()
    }
  }
  expect(calledOff).toBeGreaterThan(0)
  await succeeds(wish)
}, 60_000)

test('no address is free', async () => {
  const small = await createBridgeNetwork({ netns: host, name: 'small', subnet: '172.29.0.0/30' })
  const only = await small.attach(await world.container())
  const before = snapshots()
  expect(await rejection(small.attach(container))).toMatchObject({
    code: 'ERR_NETPRIM_NO_ADDRESS',
    message: expect.stringContaining('172.29.0.0/30'),
  })
  expect(snapshots()).toEqual(before)
  await only.detach()
  await (await small.attach(container)).detach()
  await small.destroy()
})

test.each([
  ['the network’s own namespace', () => host, {}],
  ['the gateway’s address', () => container, { ip: '172.30.0.1' }],
  ['an address outside the subnet', () => container, { ip: '172.31.0.9' }],
  ['the broadcast address', () => container, { ip: '172.30.0.255' }],
  ['an unknown option', () => container, { ipp: '172.30.0.9' }],
  ['port 0', () => container, { publish: [{ hostPort: 0 }] }],
])('what can’t be asked for is refused before anything happens: %s', async (_what, into, options) => {
  const before = snapshots()
  expect(await rejection(net.attach(into(), options as AttachOptions))).toMatchObject({ code: expect.stringMatching(/^ERR_/) })
  expect(snapshots()).toEqual(before)
  expect(await rejection(Link.get('eth0', { netns: container }))).toMatchObject({ code: 'ENODEV' })
})
