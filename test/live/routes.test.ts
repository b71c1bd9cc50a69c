// Routes of both families: what is added is what `ip route` shows, and everything that is listed can be added again.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Bridge, Netns, type Link, type RouteOptions } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { ip, ipJson, type Json } from '../helpers/oracle.js'

let host: Netns
let eth0: Link
let eth1: Link
beforeEach(async () => {
  host = await Netns.create()
  ip(host, 'link', 'set', 'lo', 'up')
  eth0 = await Bridge.create({ netns: host, name: 'eth0', up: true, addresses: ['10.0.0.1/24'] })
  eth1 = await Bridge.create({ netns: host, name: 'eth1', up: true, addresses: ['10.0.1.1/24'] })
  // Without a wait for duplicate address detection.
  for (const [link, address] of [
    ['eth0', 'fd00::1/64'],
    ['eth1', 'fd01::1/64'],
  ] as const)
    ip(host, 'address', 'add', address, 'dev', link, 'nodad')
})
afterEach(() => host.close())

const shown = (...args: string[]): Json[] => ipJson(host, ...args)

describe('add', () => {
  test.each<[string, RouteOptions, string[], object]>([
    [
      'a default route',
      { to: 'default', via: '10.0.0.2' },
      ['route', 'show', 'default'],
      { dst: 'default', gateway: '10.0.0.2', dev: 'eth0' },
    ],
    [
      'a default route of IPv6',
      { to: 'default', via: 'fd00::2' },
      ['-6', 'route', 'show', 'default'],
      { dst: 'default', gateway: 'fd00::2', dev: 'eth0', metric: 1024 },
    ],
    [
      'a route by link',
      { to: '10.1.0.0/16', link: 'eth1' },
      ['route', 'show', '10.1.0.0/16'],
      { dst: '10.1.0.0/16', dev: 'eth1', scope: 'link' },
    ],
    [
      'a default route by link, of IPv6',
      { to: 'default', link: 'eth1', family: 'ipv6' },
      ['-6', 'route', 'show', 'default'],
      { dst: 'default', dev: 'eth1' },
    ],
    [
      'a host route',
      { to: '10.1.0.9', via: '10.0.1.2' },
      ['route', 'show', '10.1.0.9'],
      { dst: '10.1.0.9', gateway: '10.0.1.2', dev: 'eth1' },
    ],
    [
      'metric, src and protocol',
      { to: '10.2.0.0/16', via: '10.0.0.2', metric: 77, src: '10.0.1.1', protocol: 'static' },
      ['route', 'show', '10.2.0.0/16'],
      { metric: 77, prefsrc: '10.0.1.1', protocol: 'static' },
    ],
    ['a protocol by number', { to: '10.2.0.0/16', via: '10.0.0.2', protocol: 201 }, ['route', 'show', '10.2.0.0/16'], { protocol: '201' }],
    [
      'a table by number',
      { to: '10.3.0.0/16', via: '10.0.0.2', table: 1000 },
      ['route', 'show', 'table', '1000'],
      { dst: '10.3.0.0/16', gateway: '10.0.0.2' },
    ],
    [
      'a table of IPv6',
      { to: 'fd03::/32', via: 'fd00::2', table: 300 },
      ['-6', 'route', 'show', 'table', '300'],
      { dst: 'fd03::/32', gateway: 'fd00::2' },
    ],
    [
      'the settings of a path',
      { to: '10.4.0.0/16', via: '10.0.0.2', mtu: 1400, advmss: 1200, hoplimit: 9, initcwnd: 20, initrwnd: 30 },
      ['route', 'show', '10.4.0.0/16'],
      { metrics: [{ mtu: 1400, advmss: 1200, hoplimit: 9, initcwnd: 20, initrwnd: 30 }] },
    ],
    [
      'a gateway that is reachable by no other route',
      { to: '10.5.0.0/16', via: '192.0.2.1', link: 'eth0', flags: ['onlink'] },
      ['route', 'show', '10.5.0.0/16'],
      { gateway: '192.0.2.1', dev: 'eth0', flags: expect.arrayContaining(['onlink']) },
    ],
    [
      'a type of service',
      { to: '10.6.0.0/16', via: '10.0.0.2', tos: 4 },
      ['route', 'show', '10.6.0.0/16'],
      { dst: '10.6.0.0/16', tos: '0x04' },
    ],
    [
      'a local route',
      { to: '10.7.0.0/16', link: 'lo', type: 'local', table: 'local' },
      ['route', 'show', 'table', 'local', '10.7.0.0/16'],
      { type: 'local', scope: 'host', dev: 'lo' },
    ],
  ])('%s', async (_what, options, args, expected) => {
    await host.routes.add(options)
    const seen = shown(...args)
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject(expected)
  })

  test.each(['blackhole', 'unreachable', 'prohibit', 'throw'] as const)('a %s route, of both families', async (type) => {
    await host.routes.add([
      { to: '10.8.0.0/16', type },
      { to: 'fd08::/32', type },
    ])
    expect(shown('route', 'show', '10.8.0.0/16')).toMatchObject([{ type, dst: '10.8.0.0/16' }])
    expect(shown('-6', 'route', 'show', 'fd08::/32')).toMatchObject([{ type, dst: 'fd08::/32' }])
  })

  test.each([
    ['IPv4', '10.9.0.0/16', ['10.0.0.2', '10.0.1.2'], 'route'],
    ['IPv6', 'fd09::/32', ['fd00::2', 'fd01::2'], '-6 route'],
  ])('several ways with weights: %s', async (_family, to, [one, two], command) => {
    await host.routes.add({
      to,
      nexthops: [
        { via: one!, weight: 3 },
        { via: two!, link: eth1 },
      ],
    })
    const [seen] = shown(...command.split(' '), 'show', to)
    expect(seen!['nexthops']).toMatchObject([
      { gateway: one, dev: 'eth0', weight: 3 },
      { gateway: two, dev: 'eth1', weight: 1 },
    ])
    const [listed] = (await host.routes.list()).filter((route) => route.to === to)
    expect(listed!.nexthops).toMatchObject([
      { via: one, link: eth0.index, weight: 3 },
      { via: two, link: eth1.index, weight: 1 },
    ])
  })

  test('many at once', async () => {
    const routes = Array.from({ length: 500 }, (_, at) => ({ to: `10.20.${at >> 8}.${at & 255}`, via: '10.0.0.2' }))
    await host.routes.add(routes)
    expect(shown('route', 'show', 'root', '10.20.0.0/16')).toHaveLength(500)
    expect((await host.routes.list({ family: 'ipv4' })).filter((route) => route.to.startsWith('10.20.'))).toHaveLength(500)
  })

  test('of one that is there is EEXIST, by way of nowhere ENETUNREACH', async () => {
    await host.routes.add({ to: 'default', via: '10.0.0.2' })
    const error = await refusal(host.routes.add({ to: 'default', via: '10.0.0.2' }))
    expect(error).toMatchObject({ code: 'EEXIST', syscall: 'RTM_NEWROUTE', operation: 'routes.add', target: 'default' })
    expect(error.message).toMatch(/^routes\.add 'default': EEXIST, file exists \(RTM_NEWROUTE/)
    const unreachable = await refusal(host.routes.add({ to: '10.30.0.0/16', via: '192.0.2.9' }))
    expect(unreachable).toMatchObject({ code: 'ENETUNREACH', detail: 'Nexthop has invalid gateway' })
  })

  test('with an address that has bits beyond its prefix is refused with the kernel’s text', async () => {
    expect(await refusal(host.routes.add({ to: '10.30.0.1/16', via: '10.0.0.2' }))).toMatchObject({
      code: 'EINVAL',
      detail: expect.stringMatching(/prefix/),
    })
  })
})

describe('replace', () => {
  test.each([
    ['10.0.0.2', '10.0.0.3', 'route'],
    ['fd00::2', 'fd00::3', '-6 route'],
  ])('changes the gateway of the default route: %s', async (one, two, command) => {
    await host.routes.replace({ to: 'default', via: one })
    await host.routes.replace({ to: 'default', via: two })
    expect(shown(...command.split(' '), 'show', 'default')).toMatchObject([{ gateway: two }])
  })
})

describe('delete', () => {
  test('takes away the one that fits in what is named', async () => {
    await host.routes.add([
      { to: '10.40.0.0/16', via: '10.0.0.2', metric: 10 },
      { to: '10.40.0.0/16', via: '10.0.1.2', metric: 20, protocol: 'static' },
    ])
    await host.routes.delete({ to: '10.40.0.0/16', metric: 20 })
    expect(shown('route', 'show', '10.40.0.0/16')).toMatchObject([{ metric: 10 }])
    await host.routes.delete({ to: '10.40.0.0/16' })
    expect(shown('route', 'show', '10.40.0.0/16')).toEqual([])
  })

  test.each<RouteOptions>([
    { to: '10.41.0.0/16', via: '10.0.0.2' },
    { to: '10.41.0.0/16', link: 'eth0' },
    { to: 'fd41::/32', via: 'fd00::2' },
    { to: '10.41.0.0/16', type: 'blackhole' },
    { to: 'fd41::/32', type: 'blackhole' },
    { to: 'default', via: 'fd00::2' },
    { to: '10.41.0.0/16', nexthops: [{ via: '10.0.0.2' }, { via: '10.0.1.2' }] },
    { to: '10.41.0.0/16', via: '10.0.0.2', table: 1000 },
  ])('takes what was added, said in the same words: %j', async (route) => {
    // The kernel adds its own by and by.
    const others = (): string[] =>
      ip(host, 'route', 'show', 'table', 'all')
        .split('\n')
        .filter((line) => !line.includes('proto kernel'))
    const before = others()
    await host.routes.add(route)
    expect(others()).toHaveLength(before.length + (route.nexthops === undefined ? 1 : 3))
    await host.routes.delete(route)
    expect(others()).toEqual(before)
  })

  test('by the destination alone takes a blackhole, a table’s and a default route', async () => {
    await host.routes.add([
      { to: '10.42.0.0/16', type: 'blackhole' },
      { to: 'fd42::/32', type: 'unreachable' },
      { to: 'default', via: '10.0.0.2' },
      { to: '10.42.0.0/16', via: '10.0.0.2', table: 7 },
    ])
    await host.routes.delete([{ to: '10.42.0.0/16' }, { to: 'fd42::/32' }, { to: 'default' }, { to: '10.42.0.0/16', table: 7 }])
    for (const args of [
      ['route', 'show', '10.42.0.0/16'],
      ['-6', 'route', 'show', 'fd42::/32'],
      ['route', 'show', 'default'],
    ])
      expect(shown(...args)).toEqual([])
    // A table that is empty is none, to `ip`; what it prints of it is an error.
    expect(await host.routes.list({ table: 7 })).toEqual([])
  })

  test.each(['10.43.0.0/16', 'fd43::/32'])('of one that isn’t there is ESRCH: %s', async (to) => {
    expect(await refusal(host.routes.delete({ to }))).toMatchObject({
      code: 'ESRCH',
      syscall: 'RTM_DELROUTE',
      operation: 'routes.delete',
      target: to,
    })
  })
})

describe('get', () => {
  test.each([
    ['10.0.0.9', {}, { dst: '10.0.0.9', dev: 'eth0', prefsrc: '10.0.0.1' }],
    ['10.99.0.1', {}, { gateway: '10.0.1.2', dev: 'eth1' }],
    ['fd01::9', {}, { dev: 'eth1', prefsrc: 'fd01::1' }],
    ['10.99.0.1', { oif: 'eth1', from: '10.0.1.1', mark: 5 }, { gateway: '10.0.1.2', dev: 'eth1' }],
  ])('answers as `ip route get` does: %s %j', async (to, query, expected) => {
    await host.routes.add({ to: 'default', via: '10.0.1.2' })
    const words = Object.entries(query).flat().map(String)
    const [seen] = shown('route', 'get', to, ...words)
    expect(seen).toMatchObject(expected)
    const got = await host.routes.get(to, query)
    const link = got.link === eth0.index ? 'eth0' : 'eth1'
    expect({ to: got.to, via: got.via, link, src: got.src }).toEqual({
      to: seen!['dst'],
      via: seen!['gateway'],
      link: seen!['dev'],
      src: seen!['prefsrc'],
    })
    expect(got.table).toBe('main')
  })

  test('of what is unreachable is ENETUNREACH', async () => {
    expect(await refusal(host.routes.get('203.0.113.1'))).toMatchObject({
      code: 'ENETUNREACH',
      syscall: 'RTM_GETROUTE',
      operation: 'routes.get',
      target: '203.0.113.1',
    })
    await host.routes.add({ to: '203.0.113.0/24', type: 'prohibit' })
    expect((await refusal(host.routes.get('203.0.113.1'))).code).toBe('EACCES')
  })
})

describe('list', () => {
  const added: RouteOptions[] = [
    { to: 'default', via: '10.0.0.2', metric: 5 },
    { to: '10.50.0.0/16', link: 'eth1', mtu: 1300, src: '10.0.0.1' },
    { to: '10.51.0.0/16', type: 'blackhole' },
    { to: '10.52.0.0/16', nexthops: [{ via: '10.0.0.2', weight: 2 }, { via: '10.0.1.2' }] },
    { to: '10.53.0.0/16', via: '192.0.2.1', link: 'eth0', flags: ['onlink'] },
    { to: 'fd50::/32', via: 'fd00::2' },
    { to: 'fd51::/32', type: 'unreachable' },
    { to: 'fd52::/32', nexthops: [{ via: 'fd00::2' }, { via: 'fd01::2' }] },
    { to: '10.54.0.0/16', via: '10.0.0.2', table: 500 },
    { to: '10.55.0.0/16', via: '10.0.0.2', tos: 8 },
    { to: 'default', via: 'fd00::3', metric: 3, mtu: 1400 },
  ]

  test('gives what can be added again, and the same is there as before', async () => {
    await host.routes.add(added)
    const text = (): string[] =>
      ['-4', '-6']
        .flatMap((family) => ip(host, family, 'route', 'show', 'table', 'all').split('\n'))
        .filter((line) => !line.includes('proto kernel'))
    const before = text()
    const listed = (await host.routes.list({ table: 'all' })).filter((route) => route.protocol === 'boot')
    expect(listed).toHaveLength(added.length)
    await host.routes.delete(listed)
    expect((await host.routes.list({ table: 'all' })).filter((route) => route.protocol === 'boot')).toEqual([])
    await host.routes.add(listed)
    expect(text()).toEqual(before)
  })

  test('shows of the main table what `ip route` shows, and filters', async () => {
    await host.routes.add(added)
    const listed = await host.routes.list()
    const counts = { ipv4: shown('route', 'show').length, ipv6: shown('-6', 'route', 'show').length }
    for (const family of ['ipv4', 'ipv6'] as const) {
      expect(await host.routes.list({ family })).toEqual(listed.filter((route) => route.family === family))
      expect(listed.filter((route) => route.family === family)).toHaveLength(counts[family])
    }
    expect(await host.routes.list({ table: 500 })).toMatchObject([{ to: '10.54.0.0/16', table: 500 }])
    expect((await host.routes.list({ link: 'eth1', family: 'ipv4' })).map((route) => route.to)).toEqual([
      '10.0.1.0/24',
      '10.50.0.0/16',
      '10.52.0.0/16',
    ])
    expect(await host.routes.list({ table: 4242 })).toEqual([])
    expect(
      (await host.routes.list({ table: 'local', family: 'ipv4' })).some((route) => route.type === 'local' && route.to === '10.0.0.1'),
    ).toBe(true)
    expect(Object.isFrozen(listed[0])).toBe(true)
  })
})
