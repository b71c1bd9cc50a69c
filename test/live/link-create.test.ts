// Link.create and Bridge.create: every option arrives at the kernel, as `ip -d link` shows it, in the kinds that this kernel has.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bridge, Link, Netns, type LinkOptions } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { globalAddresses, ipJson, ipLink, refusalOfKind } from '../helpers/oracle.js'

let host: Netns
beforeAll(async () => {
  host = await Netns.create()
})
afterAll(() => host.close())

describe('Bridge.create', () => {
  test('gives the bridge every setting of a link', async () => {
    const settings = { mtu: 1400, mac: '02:00:00:00:00:07', up: true, group: 7, alias: 'the bridge ☃', txQueueLength: 77 }
    const bridge = await Bridge.create({ netns: host, name: 'br-all', ...settings, promisc: true, allmulticast: true })
    const seen = ipLink(host, 'br-all')
    expect(seen).toMatchObject({ ifindex: bridge.index, mtu: 1400, address: '02:00:00:00:00:07', ifalias: 'the bridge ☃', txqlen: 77 })
    expect(seen).toMatchObject({ linkinfo: { info_kind: 'bridge' }, group: '7', promiscuity: 1 })
    expect(seen.flags).toEqual(expect.arrayContaining(['UP', 'PROMISC', 'ALLMULTI']))
    expect(bridge).toMatchObject({ name: 'br-all', kind: 'bridge', mtu: 1400, mac: '02:00:00:00:00:07', up: true, alias: 'the bridge ☃' })
    expect(bridge.netns).toBe(host)
    expect(bridge.record).toMatchObject({ group: 7, txQueueLength: 77, promisc: true, allmulticast: true, loopback: false })
  })

  test('gives the bridge every setting of a bridge, and reads them back by the same names', async () => {
    const options = {
      forwardDelay: 400,
      helloTime: 300,
      maxAge: 2200,
      ageingTime: 12_300,
      stpState: 1,
      priority: 4096,
      groupFwdMask: 8,
      mcastSnooping: false,
      mcastQuerier: true,
      nfCallIptables: true,
      nfCallIp6tables: true,
      nfCallArptables: true,
    }
    const bridge = await Bridge.create({ netns: host, name: 'br-opt', ...options })
    expect(ipLink(host, 'br-opt').linkinfo!.info_data).toMatchObject({
      forward_delay: 400,
      hello_time: 300,
      max_age: 2200,
      ageing_time: 12_300,
      stp_state: 1,
      priority: 4096,
      group_fwd_mask: '0x8',
      mcast_snooping: 0,
      mcast_querier: 1,
      nf_call_iptables: 1,
      nf_call_ip6tables: 1,
      nf_call_arptables: 1,
    })
    expect(bridge.record.data).toMatchObject(options)
    expect((await Bridge.get('br-opt', { netns: host })).record.data).toMatchObject(options)
  })

  const noVlans = refusalOfKind('bridge', 'vlan_filtering', '1')
  const filters = noVlans === undefined ? test : test.skip
  filters(`makes a bridge that filters VLANs${noVlans === undefined ? '' : ` (skipped: ${noVlans})`}`, async () => {
    const bridge = await Bridge.create({ netns: host, name: 'br-vlan', vlanFiltering: true, vlanDefaultPvid: 5 })
    expect(ipLink(host, 'br-vlan').linkinfo!.info_data).toMatchObject({ vlan_filtering: 1, vlan_default_pvid: 5 })
    expect(bridge.record.data).toMatchObject({ vlanFiltering: true, vlanDefaultPvid: 5 })
  })

  test('gives the bridge its addresses', async () => {
    await Bridge.create({ netns: host, name: 'br-ip', up: true, addresses: ['172.18.0.1/16', 'fd00:18::1/64'] })
    expect(globalAddresses(host, 'br-ip')).toEqual(['172.18.0.1/16', 'fd00:18::1/64'])
  })

  test('gives a bridge without options a name of its kind, a stable random MAC, and leaves it down', async () => {
    const [one, other] = [await Bridge.create({ netns: host }), await Bridge.create({ netns: host })]
    expect(one.name).toMatch(/^bridge[0-9a-f]{6}$/)
    expect(one.mac).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/)
    expect(one.mac).not.toBe(other.mac)
    expect(one.up).toBe(false)
    expect(ipLink(host, one.name)).toMatchObject({ ifindex: one.index, address: one.mac, operstate: 'DOWN' })
  })

  test('of a name that is taken is EEXIST, and makes nothing', async () => {
    await Bridge.create({ netns: host, name: 'taken' })
    const before = ipJson(host, 'link', 'show').length
    const error = await refusal(Bridge.create({ netns: host, name: 'taken' }))
    expect(error).toMatchObject({ code: 'EEXIST', errno: -17, syscall: 'RTM_NEWLINK', operation: 'Bridge.create', target: 'taken' })
    expect(error.message).toMatch(/^Bridge\.create 'taken': EEXIST, file exists \(RTM_NEWLINK/)
    expect(ipJson(host, 'link', 'show')).toHaveLength(before)
  })

  test('whose address is refused undoes the bridge, and tells the refusal', async () => {
    const error = await refusal(Bridge.create({ netns: host, name: 'br-undo', addresses: ['10.9.0.1/24', '10.9.0.1/24'] }))
    expect(error).toMatchObject({ code: 'EEXIST', syscall: 'RTM_NEWADDR', operation: 'Bridge.create', suppressed: [] })
    expect(error.message).toContain('10.9.0.1/24')
    expect(ipLink(host, 'br-undo')).toBeUndefined()
  })

  test('whose option the kernel refuses throws its refusal and makes nothing', async () => {
    const error = await refusal(Bridge.create({ netns: host, name: 'br-bad', groupFwdMask: 1 }))
    expect(error).toMatchObject({ syscall: 'RTM_NEWLINK', operation: 'Bridge.create', target: 'br-bad' })
    expect(error.code).toBe('EINVAL')
    expect(ipLink(host, 'br-bad')).toBeUndefined()
  })
})

describe('Link.create', () => {
  test('makes a vxlan with all of its options', async () => {
    const under = await Bridge.create({ netns: host, name: 'under0', addresses: ['10.1.0.1/24'] })
    const options = { id: 42, remote: '10.1.0.2', local: '10.1.0.1', ttl: 5, tos: 4, learning: false, ageing: 100, port: 4789 }
    const link = await Link.create({ kind: 'vxlan', netns: host, name: 'vx0', dev: 'under0', mtu: 1300, ...options })
    const seen = ipLink(host, 'vx0')
    expect(seen).toMatchObject({ mtu: 1300, linkinfo: { info_kind: 'vxlan' } })
    expect(seen.linkinfo!.info_data).toMatchObject({
      id: 42,
      remote: '10.1.0.2',
      local: '10.1.0.1',
      link: 'under0',
      ttl: 5,
      learning: false,
      ageing: 100,
      port: 4789,
    })
    expect(link.record.data).toEqual({ ...options, dev: under.index })
    expect(link.kind).toBe('vxlan')
  })

  test('makes a link without a name of every kind, and knows its index', async () => {
    for (const [kind, options] of [
      ['vxlan', { id: 77, port: 4789 }],
      ['ifb', {}],
      ['veth', {}],
      ['bridge', {}],
    ] as const) {
      const before = ipJson(host, 'link', 'show').map((link) => link.ifindex)
      const link = await Link.create({ kind, netns: host, ...options })
      const made = ipJson(host, 'link', 'show').filter((one) => !before.includes(one.ifindex))
      expect(made.map((one) => one.ifname)).toContain(link.name)
      expect(ipLink(host, link.name).ifindex).toBe(link.index)
    }
  })

  test('makes a vxlan over IPv6', async () => {
    await Link.create({ kind: 'vxlan', netns: host, name: 'vx6', id: 43, remote: 'fd00::2', local: 'fd00::1', port: 4789 })
    expect(ipLink(host, 'vx6').linkinfo!.info_data).toMatchObject({ id: 43, remote6: 'fd00::2', local6: 'fd00::1' })
    expect((await Link.get('vx6', { netns: host })).record.data).toMatchObject({ remote: 'fd00::2', local: 'fd00::1' })
  })

  test.each(['private', 'vepa', 'bridge', 'passthru'] as const)('makes a macvlan in mode %s on its parent', async (mode) => {
    const parent = await Bridge.create({ netns: host })
    const link = await Link.create({ kind: 'macvlan', netns: host, name: `mv-${mode}`, parent, mode, up: true })
    expect(ipLink(host, `mv-${mode}`)).toMatchObject({ link: parent.name, linkinfo: { info_kind: 'macvlan', info_data: { mode } } })
    expect(link.record).toMatchObject({ parent: parent.index, data: { mode } })
  })

  test('makes a link of a kind that netprim knows no particulars of', async () => {
    const link = await Link.create({ kind: 'ifb', netns: host, name: 'ifb-x', queues: 3, up: true })
    expect(ipLink(host, 'ifb-x')).toMatchObject({ ifindex: link.index, num_tx_queues: 3, num_rx_queues: 3, linkinfo: { info_kind: 'ifb' } })
  })

  test('makes a link as a port of a bridge given by link, by name and by index', async () => {
    const bridge = await Bridge.create({ netns: host, name: 'br-of' })
    const references: Record<string, LinkOptions['master']> = { p0: bridge, p1: 'br-of', p2: bridge.index }
    for (const [name, master] of Object.entries(references)) {
      const port = await Link.create({ kind: 'ifb', netns: host, name, master: master! })
      expect(port.master).toBe(bridge.index)
      expect(ipLink(host, name).master).toBe('br-of')
    }
  })

  test('names the option that the kernel points at, and gives its text', async () => {
    const error = await refusal(Link.create({ kind: 'vxlan', netns: host, name: 'vx-bad', id: 1, mtu: 20, port: 4789 }))
    expect(error).toMatchObject({ code: 'EINVAL', attribute: 'mtu', detail: expect.stringMatching(/MTU must be/) })
    expect(error.message).toMatch(/^Link\.create 'vx-bad': EINVAL, invalid argument \(RTM_NEWLINK: MTU must be .*\)$/)
  })

  test('of a kind that no kernel has says so', async () => {
    const error = await refusal(Link.create({ kind: 'nosuchkind', netns: host, name: 'none0' }))
    expect(error).toMatchObject({ code: 'EOPNOTSUPP', operation: 'Link.create', target: 'none0' })
    expect(error.detail).toBe("Unknown device type: the kernel has no link kind 'nosuchkind'")
  })

  for (const kind of ['dummy', 'vlan', 'ipvlan', 'wireguard', 'bond', 'vrf']) {
    const why = refusalOfKind(kind)
    const makes = why === undefined ? test : test.skip
    makes(`makes a ${kind}${why === undefined ? '' : ` (skipped: ${why})`}`, async () => {
      const needsParent = ['vlan', 'ipvlan'].includes(kind)
      const parent = needsParent ? { parent: await Bridge.create({ netns: host }) } : {}
      const link = await Link.create({ kind, netns: host, name: `k-${kind}`, ...parent })
      expect(ipLink(host, `k-${kind}`)).toMatchObject({ ifindex: link.index, linkinfo: { info_kind: kind } })
    })
  }
})
