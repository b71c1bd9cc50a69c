// Link.set and refresh: what is named changes and nothing else does, as `ip -d link` sees it; a link moves with set({ netns }).
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bridge, Link, Netns, Veth } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { globalAddresses, ip, ipLink, type Json } from '../helpers/oracle.js'

let host: Netns
let blue: Netns
beforeAll(async () => {
  ;[host, blue] = await Promise.all([Netns.create(), Netns.create()])
})
afterAll(() => Promise.all([host.close(), blue.close()]))

describe('set', () => {
  test('changes every setting of a link', async () => {
    const veth = await Veth.create({ netns: host, name: 'set0' })
    const changes = {
      mtu: 1400,
      mac: '02:00:00:00:00:03',
      up: true,
      group: 5,
      alias: 'text',
      txQueueLength: 33,
      promisc: true,
      allmulticast: true,
    }
    expect(await veth.set(changes)).toBe(veth)
    const seen = ipLink(host, 'set0')
    expect(seen).toMatchObject({ mtu: 1400, address: '02:00:00:00:00:03', group: '5', ifalias: 'text', txqlen: 33 })
    expect(seen.flags).toEqual(expect.arrayContaining(['UP', 'PROMISC', 'ALLMULTI']))
    expect(veth.record).toMatchObject(changes)
  })

  test('leaves alone what is not named', async () => {
    const veth = await Veth.create({ netns: host, name: 'keep0', mtu: 1300, up: true, group: 4, promisc: true })
    // The carrier's state is found out by and by.
    const steady = ({ flags, operstate: _later, ...rest }: Json): object => ({
      ...rest,
      flags: flags.filter((flag) => flag !== 'NO-CARRIER'),
    })
    const before = ipLink(host, 'keep0')
    await veth.set({ txQueueLength: 44 })
    expect(steady(ipLink(host, 'keep0'))).toEqual({ ...steady(before), txqlen: 44 })
    await veth.set({ promisc: false })
    const { flags, promiscuity } = ipLink(host, 'keep0')
    expect(flags).toContain('UP')
    expect(flags).not.toContain('PROMISC')
    expect(promiscuity).toBe(0)
    await veth.set({ up: false })
    expect(ipLink(host, 'keep0').flags).not.toContain('UP')
    expect(veth.up).toBe(false)
  })

  test('takes an alias away with empty text', async () => {
    const veth = await Veth.create({ netns: host, name: 'unalias0' })
    await veth.set({ alias: 'for a while' })
    expect(ipLink(host, 'unalias0').ifalias).toBe('for a while')
    await veth.set({ alias: '' })
    expect(ipLink(host, 'unalias0').ifalias).toBeUndefined()
  })

  test('renames, also a link that is up', async () => {
    const veth = await Veth.create({ netns: host, name: 'old0', up: true })
    await veth.set({ name: 'new0' })
    expect(veth.name).toBe('new0')
    expect(ipLink(host, 'new0').ifindex).toBe(veth.index)
    expect(ipLink(host, 'old0')).toBeUndefined()
  })

  test('joins a bridge, sets the port, and leaves it', async () => {
    const bridge = await Bridge.create({ netns: host, name: 'br-port' })
    const veth = await Veth.create({ netns: host, name: 'port0' })
    await veth.set({ master: bridge })
    expect(veth.master).toBe(bridge.index)
    const port = {
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
      cost: 77,
      priority: 12,
    }
    await veth.set(port)
    expect(ipLink(host, 'port0').linkinfo).toMatchObject({
      info_slave_kind: 'bridge',
      info_slave_data: {
        hairpin: true,
        isolated: true,
        learning: false,
        flood: false,
        mcast_flood: false,
        bcast_flood: false,
        neigh_suppress: true,
        guard: true,
        root_block: true,
        fastleave: true,
        locked: true,
        cost: 77,
        priority: 12,
      },
    })
    expect(veth.record).toMatchObject({ portKind: 'bridge', port })
    await veth.set({ master: null })
    expect(veth.master).toBeUndefined()
    expect(ipLink(host, 'port0').master).toBeUndefined()
  })

  test('joins a bridge and sets the port in one call', async () => {
    const bridge = await Bridge.create({ netns: host, name: 'br-once' })
    const veth = await Veth.create({ netns: host, name: 'once0' })
    await veth.set({ master: bridge, isolated: true })
    expect(ipLink(host, 'once0')).toMatchObject({ master: 'br-once', linkinfo: { info_slave_data: { isolated: true } } })
  })

  test('of a link that is gone is ENODEV', async () => {
    const veth = await Veth.create({ netns: host, name: 'gone0' })
    ip(host, 'link', 'delete', 'gone0')
    expect(await refusal(veth.set({ mtu: 1400 }))).toMatchObject({ code: 'ENODEV', operation: 'Veth.set', target: 'gone0' })
    expect(await refusal(veth.refresh())).toMatchObject({ code: 'ENODEV', operation: 'Veth.refresh' })
  })

  test('that is refused changes nothing, and gives the kernel’s text', async () => {
    const veth = await Veth.create({ netns: host, name: 'small0' })
    const error = await refusal(veth.set({ mtu: 3 }))
    expect(error).toMatchObject({ code: 'EINVAL', syscall: 'RTM_NEWLINK', detail: expect.stringMatching(/mtu less than device minimum/) })
    expect([veth.mtu, ipLink(host, 'small0').mtu]).toEqual([1500, 1500])
  })

  test('of a name that another link has is EEXIST', async () => {
    const [one] = await Promise.all([Bridge.create({ netns: host, name: 'na0' }), Bridge.create({ netns: host, name: 'na1' })])
    expect(await refusal(one.set({ name: 'na1' }))).toMatchObject({ code: 'EEXIST', operation: 'Bridge.set', target: 'na0' })
    expect(one.name).toBe('na0')
  })
})

describe('set({ netns })', () => {
  test('moves the link, and the object goes with it', async () => {
    const veth = await Veth.create({ netns: host, name: 'move0', peer: { name: 'stay0' } })
    await veth.set({ netns: blue })
    expect(ipLink(host, 'move0')).toBeUndefined()
    expect(ipLink(blue, 'move0')).toMatchObject({ ifindex: veth.index, address: veth.mac })
    expect(veth.netns).toBe(blue)
    await veth.addresses.add('10.4.0.1/24')
    expect(globalAddresses(blue, 'move0')).toEqual(['10.4.0.1/24'])
    await veth.delete()
    expect([ipLink(blue, 'move0'), ipLink(host, 'stay0')]).toEqual([undefined, undefined])
  })

  test('moves, renames and brings up in one call', async () => {
    const link = await Link.create({ kind: 'ifb', netns: host, name: 'ifb-a' })
    await link.set({ netns: blue, name: 'ifb-b', up: true, mtu: 1200 })
    expect(ipLink(blue, 'ifb-b')).toMatchObject({ ifindex: link.index, mtu: 1200, flags: expect.arrayContaining(['UP']) })
    expect(link).toMatchObject({ name: 'ifb-b', up: true, mtu: 1200 })
  })

  test('to where the index is taken follows the link to its new one', async () => {
    const [here, there] = await Promise.all([Netns.create(), Netns.create()])
    const [mine, other] = await Promise.all([Bridge.create({ netns: here, name: 'a0' }), Bridge.create({ netns: there, name: 'b0' })])
    const moving = await Link.create({ kind: 'ifb', netns: here, name: 'c0' })
    const inTheWay = await Link.create({ kind: 'ifb', netns: there, name: 'd0' })
    expect(moving.index).toBe(inTheWay.index)
    await moving.set({ netns: there })
    expect(ipLink(there, 'c0').ifindex).toBe(moving.index)
    expect(moving.index).not.toBe(inTheWay.index)
    expect([mine.name, other.name]).toEqual(['a0', 'b0'])
    await Promise.all([here.close(), there.close()])
  })

  test('where the name is taken is EEXIST, and the link stays usable where it is', async () => {
    await Bridge.create({ netns: blue, name: 'both0' })
    const link = await Link.create({ kind: 'ifb', netns: host, name: 'both0' })
    expect(await refusal(link.set({ netns: blue }))).toMatchObject({ code: 'EEXIST', operation: 'Link.set', target: 'both0' })
    expect(link.netns).toBe(host)
    expect((await link.set({ mtu: 1234 })).mtu).toBe(1234)
  })
})

describe('refresh', () => {
  test('reads what others changed, a name too', async () => {
    const veth = await Veth.create({ netns: host, name: 'ref0' })
    ip(host, 'link', 'set', 'ref0', 'mtu', '1350', 'name', 'ref1', 'alias', 'by ip')
    expect(veth.mtu).toBe(1500)
    expect(await veth.refresh()).toBe(veth)
    expect(veth).toMatchObject({ name: 'ref1', mtu: 1350, alias: 'by ip' })
  })

  test('gives a record that is frozen, and leaves the one before as it was', async () => {
    const veth = await Veth.create({ netns: host, name: 'fro0' })
    const before = veth.record
    await veth.set({ mtu: 1400 })
    expect(before.mtu).toBe(1500)
    expect(Object.isFrozen(veth.record)).toBe(true)
    expect(Object.isFrozen(before)).toBe(true)
  })
})
