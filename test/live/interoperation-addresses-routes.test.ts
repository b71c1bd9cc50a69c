// Addresses, routes and neighbours said to netprim and the same said to `ip`: the whole of two namespaces is shown alike by each of them.
import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Netns, type AddressOptions, type NeighbourOptions, type RouteOptions } from 'netprim'
import { ip, ipJson } from '../helpers/oracle.js'

let ours: Netns
let theirs: Netns
beforeEach(async () => {
  ;[ours, theirs] = await Promise.all([Netns.create(), Netns.create()])
  // Pairs, so that there is a carrier; both ends up before there is an address, so that nothing changes later.
  const world = ['eth0', 'eth1'].flatMap((name, at) => [
    `link add ${name} address 02:00:00:00:00:1${at} type veth peer name far${at} address 02:00:00:00:00:2${at}`,
    `link set ${name} addrgenmode none up`,
    `link set far${at} addrgenmode none up`,
    `address add 10.0.${at}.1/24 dev ${name}`,
    `address add fd0${at}::1/64 dev ${name} nodad`,
  ])
  for (const netns of [ours, theirs]) type(netns, 'link set lo up', ...world)
  await until(() =>
    [ours, theirs].every(
      (netns) => ip(netns, '-6', 'route', 'show', 'table', 'local', 'fd01::1') !== '' && !ip(netns, 'link').includes('NO-CARRIER'),
    ),
  )
})
afterEach(() => Promise.all([ours.close(), theirs.close()]))

/** Lines of `ip`, as one would type them. */
function type(netns: Netns, ...lines: string[]): void {
  netns.run(() => execFileSync('ip', ['-batch', '-'], { input: lines.join('\n'), stdio: ['pipe', 'ignore', 'pipe'] }))
}

/** Waits, a second at most, for what the kernel does a moment after it has answered. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !holds(); tries++) await pause(10)
}

const commands = [
  ['address', 'show'],
  ...['-4', '-6'].map((family) => [family, 'route', 'show', 'table', 'all']),
  ['neighbour', 'show', 'nud', 'all'],
  ['neighbour', 'show', 'proxy'],
] as const

/** What counts down, and the state of a link or an address that settles a moment late. */
const passing = new Set(['valid_life_time', 'preferred_life_time', 'operstate', 'tentative', 'expires'])

/** Everything as `ip` shows it, in no order; what the kernel adds by and by (multicast, link-local) is left out. */
function shown(netns: Netns): unknown {
  return commands.map((words) => {
    const items = ipJson(netns, ...words) as unknown as Readonly<Record<string, unknown>>[]
    const own = items.filter(({ dst }) => !/^(ff00|fe80|ff02|33:)/.test(String(dst)))
    return own.map((item) => JSON.stringify(item, (key, value: unknown) => (passing.has(key) ? undefined : value))).sort()
  })
}

/** Everything as netprim lists it. */
async function listed(netns: Netns): Promise<unknown> {
  const [addresses, routes, neighbours] = await Promise.all([
    netns.addresses.list(),
    netns.routes.list({ table: 'all' }),
    netns.neighbours.list(),
  ])
  const sorted = (items: readonly object[]): string[] => items.map((item) => JSON.stringify(item)).sort()
  return [
    sorted(
      addresses.map(({ flags, validLifetime: _valid, preferredLifetime: _preferred, ...address }) => ({
        ...address,
        flags: flags.filter((flag) => flag !== 'tentative'),
      })),
    ),
    sorted(routes.filter(({ to }) => !/^f[ef][0-9a-f]{2}:/.test(to))),
    sorted(neighbours.filter(({ address }) => !address.startsWith('ff02'))),
  ]
}

/** What `ip` shows is by now as expected. */
async function expectShown(netns: Netns, expected: unknown): Promise<void> {
  await until(() => isDeepStrictEqual(shown(netns), expected))
  expect(shown(netns)).toEqual(expected)
}

async function expectSame(): Promise<void> {
  await until(() => isDeepStrictEqual(shown(ours), shown(theirs)))
  expect(shown(ours)).toEqual(shown(theirs))
  expect(await listed(ours)).toEqual(await listed(theirs))
}

describe('addresses', () => {
  test.each<[string, AddressOptions, string]>([
    ['IPv4', { address: '10.1.0.1/16', link: 'eth0' }, '10.1.0.1/16 dev eth0'],
    [
      'IPv4 with everything',
      { address: '10.1.0.1/16', link: 'eth0', broadcast: '10.1.255.255', label: 'eth0:a', scope: 'link', metric: 9 },
      '10.1.0.1/16 dev eth0 broadcast 10.1.255.255 label eth0:a scope link metric 9',
    ],
    ['a second one of the prefix', { address: '10.0.0.5/24', link: 'eth0' }, '10.0.0.5/24 dev eth0'],
    ['IPv4 of a point-to-point link', { address: '10.9.0.1', peer: '10.9.0.2', link: 'eth1' }, '10.9.0.1 peer 10.9.0.2/32 dev eth1'],
    ['IPv6', { address: 'fd10::1/48', link: 'eth1', flags: ['nodad'] }, 'fd10::1/48 dev eth1 nodad'],
    [
      'IPv6 with everything',
      { address: 'fd10::1/48', link: 'eth1', flags: ['nodad', 'noprefixroute', 'home'], metric: 7 },
      'fd10::1/48 dev eth1 nodad noprefixroute home metric 7',
    ],
    [
      'IPv6 of a point-to-point link',
      { address: 'fd11::1', peer: 'fd11::2', link: 'eth1', flags: ['nodad'] },
      'fd11::1 peer fd11::2/128 dev eth1 nodad',
    ],
    [
      'of a limited life',
      { address: '10.1.0.1/16', link: 'eth0', validLifetime: 5000, preferredLifetime: 0 },
      '10.1.0.1/16 dev eth0 valid_lft 5000 preferred_lft 0',
    ],
  ])('%s', async (_what, address, words) => {
    const bare = shown(theirs)
    type(theirs, `address add ${words}`)
    await ours.addresses.add(address)
    await expectSame()
    // And away again: what `ip` has added by netprim, what netprim has added by `ip`.
    const wholly = (await theirs.addresses.list()).filter((one) => one.address.split('/')[0] === address.address.split('/')[0])
    await theirs.addresses.delete(wholly)
    type(ours, `address delete ${words.replace(/ (valid_lft|nodad|metric|scope|label|broadcast).*/, '')}`)
    for (const netns of [ours, theirs]) await expectShown(netns, bare)
  })
})

describe('routes', () => {
  const cases: [string, RouteOptions, string][] = [
    ['default', { to: 'default', via: '10.0.0.2' }, 'default via 10.0.0.2'],
    ['default of IPv6', { to: 'default', via: 'fd00::2', metric: 5 }, '-6 default via fd00::2 metric 5'],
    [
      'metric, source, protocol, scope',
      { to: '10.20.0.0/16', link: 'eth1', metric: 7, src: '10.0.1.1', protocol: 'static', scope: 'global' },
      '10.20.0.0/16 dev eth1 metric 7 src 10.0.1.1 proto static scope global',
    ],
    ['a host’s', { to: '10.20.0.9', via: '10.0.1.2' }, '10.20.0.9 via 10.0.1.2'],
    ['an IPv6 host’s', { to: 'fd20::9', via: 'fd01::2', metric: 3 }, '-6 fd20::9 via fd01::2 metric 3'],
    ['a table', { to: '10.21.0.0/16', via: '10.0.0.2', table: 100 }, '10.21.0.0/16 via 10.0.0.2 table 100'],
    ['a large table, IPv6', { to: 'fd21::/32', via: 'fd00::2', table: 70_000 }, '-6 fd21::/32 via fd00::2 table 70000'],
    [
      'the settings of a path',
      { to: '10.22.0.0/16', via: '10.0.0.2', mtu: 1400, advmss: 1200, hoplimit: 9, initcwnd: 20, initrwnd: 30 },
      '10.22.0.0/16 via 10.0.0.2 mtu 1400 advmss 1200 hoplimit 9 initcwnd 20 initrwnd 30',
    ],
    ['onlink', { to: '10.23.0.0/16', via: '192.0.2.1', link: 'eth0', flags: ['onlink'] }, '10.23.0.0/16 via 192.0.2.1 dev eth0 onlink'],
    [
      'several ways',
      {
        to: '10.24.0.0/16',
        nexthops: [
          { via: '10.0.0.2', weight: 3 },
          { via: '10.0.1.2', link: 'eth1' },
        ],
      },
      '10.24.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.1.2 dev eth1',
    ],
    [
      'several ways of IPv6',
      { to: 'fd24::/32', nexthops: [{ via: 'fd00::2', weight: 2 }, { via: 'fd01::2' }] },
      '-6 fd24::/32 nexthop via fd00::2 weight 2 nexthop via fd01::2',
    ],
    [
      'several ways, by links alone',
      { to: '10.25.0.0/16', nexthops: [{ link: 'eth0' }, { link: 'eth1', weight: 9 }] },
      '10.25.0.0/16 nexthop dev eth0 nexthop dev eth1 weight 9',
    ],
    ['type of service', { to: '10.26.0.0/16', via: '10.0.0.2', tos: 8 }, '10.26.0.0/16 via 10.0.0.2 tos 8'],
    ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).flatMap((kind): [string, RouteOptions, string][] => [
      [kind, { to: '10.27.0.0/16', type: kind }, `${kind} 10.27.0.0/16`],
      [`${kind} of IPv6`, { to: 'fd27::/32', type: kind }, `-6 ${kind} fd27::/32`],
    ]),
    ['local', { to: '10.28.0.0/16', link: 'lo', type: 'local', table: 'local' }, 'local 10.28.0.0/16 dev lo table local'],
  ]
  test.each(cases)('%s', async (_what, route, words) => {
    const say = (netns: Netns, verb: string): string =>
      ip(netns, ...(words.startsWith('-6 ') ? words.replace('-6', `-6 route ${verb}`) : `route ${verb} ${words}`).split(' '))
    const bare = shown(theirs)
    say(theirs, 'add')
    await ours.routes.add(route)
    await expectSame()
    const made = shown(theirs)
    const added = (await theirs.routes.list({ table: 'all' })).filter(
      ({ to, protocol }) => to.split('/')[0] === route.to.split('/')[0] && protocol !== 'kernel',
    )
    expect(added).toHaveLength(1)
    await theirs.routes.delete(added)
    say(ours, 'delete')
    for (const netns of [ours, theirs]) await expectShown(netns, bare)
    // What was listed there, added here.
    await ours.routes.add(added)
    await expectShown(ours, made)
  })

  test.each([
    ['10.0.0.9', {}, ''],
    ['10.20.0.1', {}, ''],
    ['fd01::7', {}, ''],
    ['10.20.0.1', { from: '10.0.1.1', oif: 'eth1' }, ' from 10.0.1.1 oif eth1'],
    ['127.0.0.1', {}, ''],
  ])('get %s %j is what `ip route get` says', async (to, query, words) => {
    type(ours, 'route add 10.20.0.0/16 via 10.0.1.2')
    const [said] = ipJson(ours, 'route', 'get', ...`${to}${words}`.split(' '))
    const { via, src, link, type: kind } = await ours.routes.get(to, query)
    expect({ via, src, link }).toEqual({
      via: said!['gateway'],
      src: said!['prefsrc'],
      link: ipJson(ours, 'link', 'show', said!['dev'] as string)[0]!.ifindex,
    })
    expect(kind).toBe(said!['type'])
  })
})

describe('neighbours', () => {
  test.each<[string, NeighbourOptions, string]>([
    ['permanent', { address: '10.0.0.9', link: 'eth0', mac: '02:00:00:00:00:09' }, '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09'],
    [
      'stale, learnt elsewhere',
      { address: '10.0.0.9', link: 'eth0', mac: '02:00:00:00:00:09', state: 'stale', flags: ['extern_learn'] },
      '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 nud stale extern_learn',
    ],
    [
      'a router',
      { address: 'fd00::9', link: 'eth0', mac: '02:00:00:00:00:09', flags: ['router'] },
      'fd00::9 dev eth0 lladdr 02:00:00:00:00:09 router',
    ],
    ['a proxy', { address: '10.0.0.77', link: 'eth0', flags: ['proxy'] }, 'proxy 10.0.0.77 dev eth0'],
    [
      'one that needs no address',
      { address: '10.0.0.9', link: 'eth0', mac: '02:00:00:00:00:09', state: 'noarp' },
      '10.0.0.9 dev eth0 lladdr 02:00:00:00:00:09 nud noarp',
    ],
  ])('%s', async (_what, neighbour, words) => {
    const bare = shown(theirs)
    type(theirs, `neighbour add ${words}`)
    await ours.neighbours.add(neighbour)
    await expectSame()
    await theirs.neighbours.delete({
      address: neighbour.address,
      link: neighbour.link,
      ...(neighbour.flags?.includes('proxy') === true && { flags: neighbour.flags }),
    })
    await expectShown(theirs, bare)
  })
})
