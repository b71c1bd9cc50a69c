// Links said to netprim and the same links said to `ip` are the same to both: `ip -j -d link` shows them alike, netprim reads them alike.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Link, Netns, Veth, type LinkChanges, type LinkOptions, type LinkRecord } from 'netprim'
import { ip, ipJson, refusalOfKind } from '../helpers/oracle.js'

let ours: Netns
let theirs: Netns
beforeEach(async () => {
  ;[ours, theirs] = await Promise.all([Netns.create(), Netns.create()])
  // What stands on others, and ports, in each the same.
  for (const netns of [ours, theirs]) ip(netns, 'link', 'add', 'base0', 'address', '02:00:00:00:00:b0', 'type', 'bridge')
})
afterEach(() => Promise.all([ours.close(), theirs.close()]))

/** Lines of `ip`, as one would type them. */
function type(netns: Netns, ...lines: string[]): void {
  for (const line of lines) ip(netns, ...line.split(' '))
}

/** What runs on by itself: the clocks of a bridge, and a carrier that comes a moment late. */
const passing = new Set([
  'hello_timer',
  'tcn_timer',
  'topology_change_timer',
  'gc_timer',
  'hold_timer',
  'message_age_timer',
  'forward_delay_timer',
  'operstate',
  'state',
])

/** All links as `ip` shows them, without what passes. */
function shown(netns: Netns): unknown {
  const text = JSON.stringify(ipJson(netns, 'link', 'show'), (key, value: unknown) => {
    if (passing.has(key)) return undefined
    return key === 'flags' ? (value as string[]).filter((flag) => flag !== 'LOWER_UP' && flag !== 'NO-CARRIER') : value
  })
  return JSON.parse(text)
}

async function records(netns: Netns): Promise<Partial<LinkRecord>[]> {
  return (await netns.links.list()).map(({ record: { operstate: _state, lowerUp: _carrier, ...record } }) => record)
}

/** Both have made the same: to `ip`, and to netprim. */
async function expectSame(): Promise<void> {
  expect(shown(ours)).toEqual(shown(theirs))
  expect(await records(ours)).toEqual(await records(theirs))
}

const mac = '02:00:00:00:00:01'

/** A link of any kind that netprim knows particulars of, or of another. */
type AnyLink =
  LinkOptions<'bridge'> | LinkOptions<'vxlan'> | LinkOptions<'macvlan'> | LinkOptions<'ifb' | 'macvtap' | 'ipvlan' | 'dummy' | 'bond'>

describe('a link made by netprim is the one that `ip` makes of the same words', () => {
  const cases: [string, AnyLink, ...string[]][] = [
    ['bridge', { kind: 'bridge', mtu: 1400 }, 'add x0 address MAC mtu 1400 type bridge'],
    [
      'bridge with options',
      {
        kind: 'bridge',
        forwardDelay: 400,
        helloTime: 300,
        maxAge: 2200,
        ageingTime: 12_300,
        stpState: 1,
        priority: 4096,
        groupFwdMask: 8,
        mcastSnooping: false,
        nfCallIptables: true,
      },
      'add x0 address MAC type bridge forward_delay 400 hello_time 300 max_age 2200 ageing_time 12300 stp_state 1 priority 4096 group_fwd_mask 8 mcast_snooping 0 nf_call_iptables 1',
    ],
    ['vxlan', { kind: 'vxlan', id: 42, port: 4789, learning: false }, 'add x0 address MAC type vxlan id 42 dstport 4789 nolearning'],
    [
      'vxlan with options',
      { kind: 'vxlan', id: 7, port: 4790, dev: 'base0', remote: '10.0.0.2', local: '10.0.0.1', ttl: 9, tos: 4, ageing: 60 },
      'add x0 address MAC type vxlan id 7 dstport 4790 dev base0 remote 10.0.0.2 local 10.0.0.1 ttl 9 tos 4 ageing 60',
    ],
    [
      'vxlan over IPv6',
      { kind: 'vxlan', id: 8, port: 4789, remote: 'fd00::2', local: 'fd00::1' },
      'add x0 address MAC type vxlan id 8 dstport 4789 remote fd00::2 local fd00::1',
    ],
    ['macvlan', { kind: 'macvlan', parent: 'base0', mode: 'bridge' }, 'add x0 link base0 address MAC type macvlan mode bridge'],
    [
      'macvlan of mode passthru',
      { kind: 'macvlan', parent: 'base0', mode: 'passthru' },
      'add x0 link base0 address MAC type macvlan mode passthru',
    ],
    ['macvtap', { kind: 'macvtap', parent: 'base0' }, 'add x0 link base0 address MAC type macvtap'],
    ['ifb', { kind: 'ifb', queues: 3 }, 'add x0 address MAC numtxqueues 3 numrxqueues 3 type ifb'],
    ['ipvlan', { kind: 'ipvlan', parent: 'base0' }, 'add x0 link base0 type ipvlan'],
    ['dummy', { kind: 'dummy' }, 'add x0 address MAC type dummy'],
    ['bond', { kind: 'bond' }, 'add x0 address MAC type bond'],
    [
      'every setting of a link',
      {
        kind: 'ifb',
        mtu: 1280,
        group: 42,
        alias: 'two-words',
        txQueueLength: 7,
        promisc: true,
        allmulticast: true,
        master: 'base0',
        up: true,
      },
      'add x0 address MAC mtu 1280 type ifb',
      'set x0 group 42 alias two-words txqueuelen 7 promisc on allmulticast on master base0 up',
    ],
    [
      'a port that is isolated from the start',
      { kind: 'ifb', master: 'base0', isolated: true, hairpin: true },
      'add x0 address MAC type ifb',
      'set x0 master base0',
      'set x0 type bridge_slave isolated on hairpin on',
    ],
  ]
  for (const [what, options, ...lines] of cases) {
    const why = refusalOfKind(options.kind)
    const checks = why === undefined ? test : test.skip
    checks(`${what}${why === undefined ? '' : ` (skipped: ${why})`}`, async () => {
      type(theirs, ...lines.map((line) => `link ${line.replace('MAC', mac)}`))
      // An ipvlan has the address of its parent.
      const link = await Link.create({ netns: ours, name: 'x0', ...(options.kind !== 'ipvlan' && { mac }), ...options })
      await expectSame()
      expect((await Link.get('x0', { netns: theirs })).record).toMatchObject({
        kind: options.kind,
        ...(link.record.data && { data: link.record.data }),
      })
    })
  }

  test.each(['in one namespace', 'across two'])('veth %s', async (where) => {
    await using ourPeer = await Netns.create()
    await using theirPeer = await Netns.create()
    // `ip` finds a namespace by name or by process.
    const process = theirPeer.spawn('sleep', ['60'])
    const across = where === 'across two'
    type(
      theirs,
      `link add x0 address ${mac} mtu 1400 numtxqueues 2 numrxqueues 2 type veth peer name x1 address 02:00:00:00:00:02 mtu 1300 numtxqueues 2 numrxqueues 2${across ? ` netns ${process.pid!}` : ''}`,
    )
    process.kill()
    type(across ? theirPeer : theirs, 'link set x1 up')
    const peer = { name: 'x1', mac: '02:00:00:00:00:02', mtu: 1300, up: true, ...(across && { netns: ourPeer }) }
    await Veth.create({ netns: ours, name: 'x0', mac, mtu: 1400, queues: 2, peer })
    await expectSame()
    expect(shown(ourPeer)).toEqual(shown(theirPeer))
    expect(await records(ourPeer)).toEqual(await records(theirPeer))
    expect((await Veth.get('x0', { netns: theirs })).peer?.name).toBe(across ? undefined : 'x1')
  })
})

describe('a link changed by netprim is the one that `ip` changes in the same words', () => {
  beforeEach(() => {
    for (const netns of [ours, theirs]) type(netns, `link add x0 address ${mac} type veth peer name far0 address 02:00:00:00:00:f0`)
  })

  const cases: [string, LinkChanges, ...string[]][] = [
    ['name, address and MTU', { name: 'y0', mac: '02:00:00:00:00:09', mtu: 1234 }, 'set x0 name y0 address 02:00:00:00:00:09 mtu 1234'],
    ['up', { up: true }, 'set x0 up'],
    ['group, alias and queue', { group: 3, alias: 'changed', txQueueLength: 5 }, 'set x0 group 3 alias changed txqueuelen 5'],
    ['promiscuity', { promisc: true, allmulticast: true }, 'set x0 promisc on allmulticast on'],
    [
      'master and every flag of a port',
      {
        master: 'base0',
        hairpin: true,
        isolated: true,
        learning: false,
        flood: false,
        mcastFlood: false,
        bcastFlood: false,
        neighSuppress: true,
        guard: true,
        rootBlock: true,
        fastleave: true,
        locked: true,
        cost: 5,
        priority: 7,
      },
      'set x0 master base0',
      'set x0 type bridge_slave hairpin on isolated on learning off flood off mcast_flood off bcast_flood off neigh_suppress on guard on root_block on fastleave on locked on cost 5 priority 7',
    ],
  ]
  test.each(cases)('%s', async (_what, changes, ...lines) => {
    type(theirs, ...lines.map((line) => `link ${line}`))
    await (await Link.get('x0', { netns: ours })).set(changes)
    await expectSame()
  })

  test('options of a bridge', async () => {
    type(theirs, 'link set base0 type bridge ageing_time 700 stp_state 1 priority 9')
    const base = await Link.get('base0', { netns: ours })
    await base.set({ ageingTime: 700, stpState: 1, priority: 9 } as LinkChanges)
    await expectSame()
    expect(base.record.data).toMatchObject({ ageingTime: 700, stpState: 1, priority: 9 })
  })

  test('leaving a master, and the end of a link', async () => {
    for (const netns of [ours, theirs]) type(netns, 'link set x0 master base0')
    type(theirs, 'link set x0 nomaster', 'link delete base0')
    await (await Link.get('x0', { netns: ours })).set({ master: null })
    await (await Link.get('base0', { netns: ours })).delete()
    await expectSame()
  })
})
