// From createBridgeNetwork to destroy: what is made, adopted and kept, and that nothing is left of it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createBridgeNetwork, Netns, Veth } from 'netprim'
import { addressOf, both, hostAddress, outsideAddress, rulesetOf, snapshotOf, tcp, World } from '../helpers/bridge-world.js'
import { refusal } from '../helpers/errors.js'
import { globalAddresses, ip, ipJson, ipLink, runIn } from '../helpers/oracle.js'

let world: World
let host: Netns
beforeEach(async () => {
  world = await World.create()
  host = world.host
})
afterEach(() => world.end())

const forwarding = (): string => runIn(host, 'cat', '/proc/sys/net/ipv4/ip_forward').trim()
const names = (netns: Netns): string[] => ipJson(netns, 'link', 'show').map((link) => link.ifname)
const options = { name: 'net', subnet: '172.30.0.0/24' }

describe('destroy', () => {
  test('leaves the host and the containers as they were', async () => {
    const before = snapshotOf(host)
    const container = await world.container()
    const empty = snapshotOf(container)
    const net = await createBridgeNetwork({ netns: host, ...options })
    const publish = [
      { hostPort: 8080, port: 80 },
      { hostPort: 8081, port: 80, hostIp: hostAddress },
    ]
    await net.attach(container, { publish })
    await net.attach(await world.container())
    expect(snapshotOf(host)).not.toEqual(before)
    await net.destroy()
    expect(snapshotOf(host)).toEqual(before)
    expect(names(container)).toEqual(['lo'])
    expect(snapshotOf(container).ruleset).toEqual(empty.ruleset)
  })

  test('takes of the table only what is the network’s own', async () => {
    const keep = await createBridgeNetwork({ netns: host, name: 'keep', subnet: '172.31.0.0/24' })
    const kept = await keep.attach(await world.container(), {
      name: 'kept',
      publish: [
        { hostPort: 8080, port: 80 },
        { hostPort: 80, hostIp: hostAddress },
      ],
    })
    await world.serve(kept.netns, 80, 'kept')
    const before = snapshotOf(host)
    for (const more of [{}, { icc: false }, { internal: true }, { masquerade: false }]) {
      const net = await createBridgeNetwork({ netns: host, ...options, ...more })
      const publish =
        more.internal === true
          ? []
          : [
              { hostPort: 80, hostIp: '198.51.100.1' },
              { hostPort: 9000, port: 80 },
            ]
      await net.attach(await world.container(), { name: 'kept', publish })
      await net.destroy()
      expect(snapshotOf(host)).toEqual(before)
    }
    expect(await tcp(world.outside, hostAddress, 8080)).toBe(`kept saw ${outsideAddress}`)
    expect(await tcp(world.outside, hostAddress, 80)).toBe(`kept saw ${outsideAddress}`)
    await keep.destroy()
    expect(rulesetOf(host)).toEqual([])
  })

  test('never touches anybody else’s table', async () => {
    runIn(
      host,
      'nft',
      'add table inet theirs { chain forward { type filter hook forward priority 0; policy accept; ip saddr 172.30.0.9 counter drop; }; }',
    )
    const before = rulesetOf(host)
    const net = await createBridgeNetwork({ netns: host, ...options })
    await net.attach(await world.container())
    await net.destroy()
    expect(rulesetOf(host)).toEqual(before)
  })

  test('may be called twice, and after somebody deleted the bridge', async () => {
    const before = snapshotOf(host)
    const net = await createBridgeNetwork({ netns: host, ...options })
    await net.attach(await world.container())
    ip(host, 'link', 'delete', net.bridge.name)
    await Promise.all([net.destroy(), net.destroy()])
    await net.destroy()
    expect(names(host)).toEqual(['lo', 'uplink'])
    expect(rulesetOf(host)).toEqual([])
    expect(snapshotOf(host).forwarding).toBe(before.forwarding)
  })

  test('after the ruleset has been flushed takes the links all the same', async () => {
    const net = await createBridgeNetwork({ netns: host, ...options })
    await net.attach(await world.container())
    runIn(host, 'nft', 'flush', 'ruleset')
    await net.destroy()
    expect(names(host)).toEqual(['lo', 'uplink'])
  })
})

describe('forwarding', () => {
  test('that was off is turned on, said so, and turned off by the last destroy', async () => {
    const first = await createBridgeNetwork({ netns: host, ...options })
    const second = await createBridgeNetwork({ netns: host, name: 'second' })
    expect([first.forwarding, forwarding()]).toEqual(['enabled', '1'])
    await first.destroy()
    expect(forwarding()).toBe('1')
    const end = await second.attach(await world.container())
    await world.serve(world.outside, 80, 'outside')
    expect(await both(end.netns, outsideAddress, 80)).toBe(`outside saw ${hostAddress}`)
    await second.destroy()
    expect(forwarding()).toBe('0')
  })

  test('that was off is turned off by the last destroy, though the ruleset was flushed meanwhile', async () => {
    const net = await createBridgeNetwork({ netns: host, ...options })
    runIn(host, 'nft', 'flush', 'ruleset')
    await createBridgeNetwork({ netns: host, ...options })
    await net.destroy()
    expect(forwarding()).toBe('0')
  })

  test('that was on stays on', async () => {
    ip(host, 'link', 'set', 'lo', 'up')
    await host.sysctl.set('net.ipv4.ip_forward', 1)
    const net = await createBridgeNetwork({ netns: host, ...options })
    expect(net.forwarding).toBe('unchanged')
    await net.destroy()
    expect(forwarding()).toBe('1')
  })

  test('is not turned on for an internal network', async () => {
    const net = await createBridgeNetwork({ netns: host, ...options, internal: true })
    expect([net.forwarding, forwarding()]).toEqual(['unchanged', '0'])
    await net.destroy()
  })

  test.each([
    ['off before: other links of the host stay apart', 0, 'ETIMEDOUT'],
    ['on before: other links of the host stay connected', 1, 'outside saw 192.0.2.2'],
  ])('%s', async (_what, value, answer) => {
    await using lan = await Netns.create()
    await Veth.create({
      netns: host,
      name: 'lan',
      up: true,
      addresses: ['192.0.2.1/24'],
      peer: { netns: lan, name: 'eth0', up: true, addresses: ['192.0.2.2/24'] },
    })
    await lan.routes.add({ to: 'default', via: '192.0.2.1' })
    await world.outside.routes.add({ to: '192.0.2.0/24', via: hostAddress })
    await world.serve(world.outside, 80, 'outside')
    await host.sysctl.set('net.ipv4.ip_forward', value)
    const net = await createBridgeNetwork({ netns: host, ...options })
    expect(await both(lan, outsideAddress, 80)).toBe(answer)
    const end = await net.attach(await world.container())
    expect(await both(end.netns, outsideAddress, 80)).toBe(`outside saw ${hostAddress}`)
    await net.destroy()
  })
})

describe('a second createBridgeNetwork of the same name', () => {
  test('adopts the network: both handles work, disposal of the second leaves it', async () => {
    const first = await createBridgeNetwork({ netns: host, ...options })
    const one = await first.attach(await world.container(), { name: 'one' })
    const before = snapshotOf(host)
    {
      await using second = await createBridgeNetwork({ netns: host, ...options })
      expect(second).toMatchObject({
        name: 'net',
        subnet: first.subnet,
        gateway: first.gateway,
        mtu: first.mtu,
        icc: true,
        internal: false,
        masquerade: true,
      })
      expect(snapshotOf(host)).toEqual(before)
      const two = await second.attach(await world.container(), { name: 'two' })
      expect(addressOf(two)).not.toBe(addressOf(one))
      expect((await first.inspect()).endpoints.map(({ name }) => name).sort()).toEqual(['one', 'two'])
      await two.detach()
    }
    expect(snapshotOf(host)).toEqual(before)
    await first.destroy()
    expect(names(host)).toEqual(['lo', 'uplink'])
  })

  test('without options takes those of the one that is there', async () => {
    await createBridgeNetwork({ netns: host, ...options, icc: false, masquerade: false, mtu: 1300 })
    expect(await createBridgeNetwork({ netns: host, name: 'net' })).toMatchObject({
      subnet: options.subnet,
      icc: false,
      masquerade: false,
      mtu: 1300,
    })
  })

  test.each([
    ['subnet', { subnet: '172.31.0.0/24' }],
    ['gateway', { subnet: options.subnet, gateway: '172.30.0.9' }],
    ['mtu', { mtu: 1234 }],
    ['icc', { icc: false }],
    ['internal', { internal: true }],
    ['masquerade', { masquerade: false }],
  ])('that differs in %s is EEXIST and says so', async (option, more) => {
    await createBridgeNetwork({ netns: host, ...options })
    const before = snapshotOf(host)
    const error = await refusal(createBridgeNetwork({ netns: host, name: 'net', ...more }))
    expect(error).toMatchObject({
      code: 'EEXIST',
      operation: 'createBridgeNetwork',
      target: 'net',
      attribute: option,
      detail: expect.stringContaining(option),
    })
    expect(snapshotOf(host)).toEqual(before)
  })

  test('repairs the rules of one whose table was flushed', async () => {
    await createBridgeNetwork({ netns: host, ...options })
    const before = runIn(host, 'nft', 'list', 'ruleset')
    runIn(host, 'nft', 'flush', 'ruleset')
    await createBridgeNetwork({ netns: host, ...options })
    // What the redirects were before forwarding was turned on is forgotten with the table.
    expect(runIn(host, 'nft', 'list', 'ruleset')).toBe(before.replace(/ net\.ipv4\.conf\.all\.accept_redirects=\d/, ''))
  })

  test('from another handle of the namespace, destroyed by it, is gone for both', async () => {
    const before = snapshotOf(host)
    const first = await createBridgeNetwork({ netns: host, ...options })
    await first.attach(await world.container())
    await using again = await Netns.open({ fd: host.fd })
    await (await createBridgeNetwork({ netns: again, ...options })).destroy()
    expect(snapshotOf(host)).toEqual(before)
    await first.destroy()
    expect(snapshotOf(host)).toEqual(before)
  })
})

test('two createBridgeNetwork of the same name at once make one network, owned by one of them', async () => {
  const before = snapshotOf(host)
  const [one, two] = await Promise.all([createBridgeNetwork({ netns: host, ...options }), createBridgeNetwork({ netns: host, ...options })])
  expect(one.bridge.index).toBe(two.bridge.index)
  await one[Symbol.asyncDispose]()
  await two[Symbol.asyncDispose]()
  expect(snapshotOf(host)).toEqual(before)
})

describe('creation is refused, and nothing is left of it,', () => {
  test('where a link of another kind or of somebody else’s has the bridge’s name', async () => {
    ip(host, 'link', 'add', 'br-net', 'type', 'bridge')
    const before = snapshotOf(host)
    const error = await refusal(createBridgeNetwork({ netns: host, ...options }))
    expect(error).toMatchObject({ code: 'EEXIST', operation: 'createBridgeNetwork', target: 'net', syscall: 'RTM_NEWLINK' })
    expect(snapshotOf(host)).toEqual(before)
    ip(host, 'link', 'delete', 'br-net')
    await (await createBridgeNetwork({ netns: host, ...options })).destroy()
  })

  test.each([
    ['of another network', '172.30.0.0/16'],
    ['of one of the host’s links', '203.0.113.128/25'],
  ])('where the subnet overlaps that %s', async (_whose, subnet) => {
    await createBridgeNetwork({ netns: host, ...options })
    const before = snapshotOf(host)
    const error = await refusal(createBridgeNetwork({ netns: host, name: 'overlap', subnet }))
    expect(error).toMatchObject({ code: 'EEXIST', operation: 'createBridgeNetwork', target: 'overlap', attribute: 'subnet' })
    expect(snapshotOf(host)).toEqual(before)
  })
})

describe('the bridge', () => {
  test('keeps its link-layer address whatever comes and goes, and does not watch who listens to multicast', async () => {
    const net = await createBridgeNetwork({ netns: host, ...options })
    const before = ipLink(host, net.bridge.name)
    const first = await net.attach(await world.container())
    await net.attach(await world.container())
    await first.detach()
    const after = ipLink(host, net.bridge.name)
    expect(after.address).toBe(before.address)
    expect(after.linkinfo!.info_data).toMatchObject({ mcast_snooping: 0 })
  })
})

describe('detach', () => {
  test('twice, and after the container’s namespace is gone, takes the endpoint off', async () => {
    const net = await createBridgeNetwork({ netns: host, ...options })
    const before = snapshotOf(host)
    const container = await Netns.create()
    const publish = [
      { hostPort: 8080, port: 80 },
      { hostPort: 8080, port: 80, protocol: 'udp', hostIp: hostAddress },
    ] as const
    const gone = await net.attach(container, { publish })
    await container.delete()
    await gone.detach()
    await gone.detach()
    expect(snapshotOf(host)).toEqual(before)
    const stays = await net.attach(await world.container(), { publish })
    await Promise.all([stays.detach(), stays.detach()])
    expect(names(stays.netns)).toEqual(['lo'])
    expect(snapshotOf(host)).toEqual(before)
  })

  test('frees address and ports for the next one', async () => {
    const net = await createBridgeNetwork({ netns: host, ...options })
    const wish = { name: 'web', ip: '172.30.0.77', publish: [{ hostPort: 8080, port: 80 }] }
    await (await net.attach(await world.container(), wish)).detach()
    const again = await net.attach(await world.container(), wish)
    expect(globalAddresses(again.netns, 'eth0')).toEqual(['172.30.0.77/24'])
  })

  test('is what leaving an `await using` scope does', async () => {
    await using net = await createBridgeNetwork({ netns: host, ...options })
    const before = snapshotOf(host)
    {
      await using end = await net.attach(await world.container(), { publish: [{ hostPort: 8080 }] })
      expect(ipLink(host, end.link.name)).toBeDefined()
    }
    expect(snapshotOf(host)).toEqual(before)
  })
})

test('many attached at once have each an address of their own, and what inspect tells is what there is', async () => {
  const net = await createBridgeNetwork({ netns: host, ...options, subnet: '172.30.0.0/27' })
  const containers = await Promise.all(Array.from({ length: 20 }, () => world.container()))
  const ends = await Promise.all(
    containers.map((container, at) => net.attach(container, { name: `c${at}`, publish: [{ hostPort: 7000 + at, port: 80 }] })),
  )
  expect(new Set(ends.map(addressOf)).size).toBe(20)
  const report = await net.inspect()
  const { name, subnet, gateway, mtu } = net
  expect(report).toMatchObject({ name, subnet, gateway, mtu, bridge: 'br-net', icc: true, internal: false, masquerade: true })
  const byName = [...report.endpoints].sort((a, b) => Number(a.name.slice(1)) - Number(b.name.slice(1)))
  expect(byName).toEqual(
    ends.map((end, at) => ({
      name: `c${at}`,
      link: end.link.name,
      ifname: 'eth0',
      mac: end.mac,
      address: end.addresses[0],
      published: [{ hostPort: 7000 + at, port: 80, protocol: 'tcp', hostIp: undefined }],
    })),
  )
  expect(ends.map((end) => globalAddresses(end.netns, 'eth0'))).toEqual(ends.map(({ addresses }) => [...addresses]))
  await Promise.all(ends.map((end) => end.detach()))
  expect((await net.inspect()).endpoints).toEqual([])
})
