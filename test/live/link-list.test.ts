// Link.get and links.list: links that `ip` made are read as `ip -d link` shows them, and filters let through what fits.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Link, Netns, type LinkRecord } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { ip, ipJson, type Json } from '../helpers/oracle.js'

let host: Netns
beforeAll(async () => {
  host = await Netns.create()
  for (const line of [
    'link add br0 type bridge ageing_time 5000 stp_state 1 mcast_snooping 0',
    'link add br1 type bridge',
    'link add v0 mtu 1400 type veth peer name v1 mtu 1400',
    'link add vx0 type vxlan id 9 remote 10.0.0.9 dstport 4790 ttl 7',
    'link add vx6 type vxlan id 10 remote fd00::9 local fd00::8 dstport 4791',
    'link add link br1 name mv0 type macvlan mode bridge',
    'link add ifb9 numtxqueues 2 type ifb',
    'link set v0 master br0 up alias two\\swords group 12 txqueuelen 99',
    'link set v1 master br1 promisc on allmulticast on',
    'link set v0 type bridge_slave isolated on cost 5 hairpin on',
    'link property add dev v0 altname second altname third',
    'link set lo up',
  ])
    ip(host, ...line.split(' ').map((word) => word.replace('\\s', ' ')))
})
afterAll(() => host.close())

/** What `ip` says, in the words of a LinkRecord, as far as both speak of it. */
function asRecord(seen: Json, indexOf: (name: string) => number): Partial<LinkRecord> {
  const has = (flag: string): boolean => seen.flags.includes(flag)
  return {
    index: seen.ifindex,
    name: seen.ifname,
    mtu: seen.mtu,
    mac: seen['address'] as string,
    broadcast: seen['broadcast'] as string,
    up: has('UP'),
    lowerUp: has('LOWER_UP'),
    loopback: has('LOOPBACK'),
    promisc: has('PROMISC'),
    allmulticast: has('ALLMULTI'),
    operstate: seen.operstate.toLowerCase() as NonNullable<LinkRecord['operstate']>,
    group: seen.group === 'default' ? 0 : Number(seen.group),
    numTxQueues: seen['num_tx_queues'] as number,
    numRxQueues: seen['num_rx_queues'] as number,
    ...(seen.linkinfo?.info_kind !== undefined && { kind: seen.linkinfo.info_kind }),
    ...(seen.master !== undefined && { master: indexOf(seen.master) }),
    ...(seen.link !== undefined && seen.link !== null && { parent: indexOf(seen.link) }),
    ...(seen.ifalias !== undefined && { alias: seen.ifalias }),
    ...(seen['altnames'] !== undefined && { altnames: seen['altnames'] as string[] }),
    ...(seen['txqlen'] !== undefined && { txQueueLength: seen['txqlen'] as number }),
  }
}

describe('links.list', () => {
  test('reads every link as `ip` shows it', async () => {
    const seen = ipJson(host, 'link', 'show')
    const listed = await host.links.list()
    expect(listed.map((link) => link.name)).toEqual(seen.map((link) => link.ifname))
    const indexOf = (name: string): number => seen.find((link) => link.ifname === name)!.ifindex
    listed.forEach((link, at) => expect(link.record).toMatchObject(asRecord(seen[at]!, indexOf)))
  })

  test('reads what is particular to a kind and to a port', async () => {
    const named = new Map((await host.links.list()).map((link) => [link.name, link.record]))
    expect(named.get('br0')!.data).toMatchObject({ ageingTime: 5000, stpState: 1, mcastSnooping: false })
    expect(named.get('vx0')!.data).toMatchObject({ id: 9, remote: '10.0.0.9', port: 4790, ttl: 7, learning: true })
    expect(named.get('vx6')!.data).toMatchObject({ id: 10, remote: 'fd00::9', local: 'fd00::8' })
    expect(named.get('mv0')!.data).toEqual({ mode: 'bridge' })
    expect(named.get('v0')!).toMatchObject({ portKind: 'bridge', port: { isolated: true, cost: 5, hairpin: true, learning: true } })
    expect(named.get('lo')!.kind).toBeUndefined()
  })

  test.each([
    ['kind', { kind: 'veth' }, ['v0', 'v1']],
    ['master by name', { master: 'br0' }, ['v0']],
    ['kind and master', { kind: 'veth', master: 'br1' }, ['v1']],
    ['kind and master that do not go together', { kind: 'bridge', master: 'br1' }, []],
    ['a kind that no kernel has', { kind: 'nosuchkind' }, []],
    ['a kind of which there is none', { kind: 'tun' }, []],
  ])('filters by %s', async (_what, filter, names) => {
    expect((await host.links.list(filter)).map((link) => link.name).sort()).toEqual(names)
  })

  test('filters by a master given as link and as index', async () => {
    const br1 = await Link.get('br1', { netns: host })
    for (const master of [br1, br1.index]) {
      expect((await host.links.list({ master })).map((link) => link.name)).toEqual(['v1'])
    }
  })

  test('filtered by a master that isn’t there says so', async () => {
    expect(await refusal(host.links.list({ master: 'nobr' }))).toMatchObject({ code: 'ENODEV', operation: 'links.list', target: 'nobr' })
  })

  test('of a fresh namespace is its loopback', async () => {
    await using fresh = await Netns.create()
    const [lo, ...rest] = await fresh.links.list()
    expect(rest).toEqual([])
    expect(lo!.record).toMatchObject({ index: 1, name: 'lo', up: false, loopback: true, mtu: 65_536 })
    expect(lo).toMatchObject({ name: 'lo', kind: undefined, mac: '00:00:00:00:00:00', netns: fresh })
  })

  test('lists hundreds of links, all of them once', async () => {
    await using many = await Netns.create()
    const lines = Array.from({ length: 300 }, (_, at) => `link add many${at} type ifb\n`).join('')
    many.run(() => execFileSync('ip', ['-batch', '-'], { input: lines }))
    const names = (await many.links.list({ kind: 'ifb' })).map((link) => link.name)
    expect(new Set(names).size).toBe(300)
    expect(names).toHaveLength(300)
  })
})

describe('Link.get', () => {
  test.each(['v0', 'second', 'third'])('finds a link by each of its names: %s', async (name) => {
    expect(await Link.get(name, { netns: host })).toMatchObject({ name: 'v0', alias: 'two words', mtu: 1400, kind: 'veth' })
  })

  test('finds a link by its index', async () => {
    const { index } = await Link.get('v1', { netns: host })
    expect((await Link.get(index, { netns: host })).name).toBe('v1')
  })

  test.each(['nosuch', 99_999])('of one that isn’t there is ENODEV: %s', async (reference) => {
    const error = await refusal(Link.get(reference, { netns: host }))
    expect(error).toMatchObject({ code: 'ENODEV', errno: -19, syscall: 'RTM_GETLINK', operation: 'Link.get', target: String(reference) })
    expect(error.message).toMatch(new RegExp(`^Link\\.get '${reference}': ENODEV, no such device \\(RTM_GETLINK`))
  })

  test('without a namespace looks in the process’s own', async () => {
    expect(await Link.get('lo')).toMatchObject({ index: 1, netns: Netns.current() })
  })
})
