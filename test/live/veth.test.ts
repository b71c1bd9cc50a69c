// Veth: pairs within one namespace and across two, each end with its own settings from the start, as `ip` in each namespace sees it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bridge, Netns, Veth } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { globalAddresses, ip, ipJson, ipLink, runIn } from '../helpers/oracle.js'

let host: Netns
let blue: Netns
beforeAll(async () => {
  ;[host, blue] = await Promise.all([Netns.create(), Netns.create()])
})
afterAll(() => Promise.all([host.close(), blue.close()]))

describe('Veth.create', () => {
  test('makes each end in its namespace with the settings asked for', async () => {
    const peer = {
      name: 'eth0',
      netns: blue,
      mac: '02:00:00:00:00:02',
      mtu: 1300,
      up: true,
      group: 9,
      txQueueLength: 22,
      addresses: ['10.2.0.2/24'],
    }
    const veth = await Veth.create({
      netns: host,
      name: 'veth0',
      mac: '02:00:00:00:00:01',
      mtu: 1400,
      up: true,
      group: 8,
      txQueueLength: 11,
      addresses: ['10.2.0.1/24', 'fd02::1/64'],
      peer,
    })
    const [here, there] = [ipLink(host, 'veth0'), ipLink(blue, 'eth0')]
    expect(here).toMatchObject({ address: '02:00:00:00:00:01', mtu: 1400, group: '8', txqlen: 11, linkinfo: { info_kind: 'veth' } })
    expect(there).toMatchObject({ address: '02:00:00:00:00:02', mtu: 1300, group: '9', txqlen: 22, linkinfo: { info_kind: 'veth' } })
    for (const end of [here, there]) expect(end.flags).toEqual(expect.arrayContaining(['UP', 'LOWER_UP']))
    expect([here.link_index, there.link_index]).toEqual([there.ifindex, here.ifindex])
    expect(globalAddresses(host, 'veth0')).toEqual(['10.2.0.1/24', 'fd02::1/64'])
    expect(globalAddresses(blue, 'eth0')).toEqual(['10.2.0.2/24'])
    expect(veth).toMatchObject({ name: 'veth0', index: here.ifindex, mac: here.address, mtu: 1400, up: true, kind: 'veth' })
    expect(veth.peer).toMatchObject({ name: 'eth0', index: there.ifindex, mac: there.address, mtu: 1300, up: true, kind: 'veth' })
    expect([veth.netns, veth.peer.netns]).toEqual([host, blue])
    expect(runIn(host, 'ping', '-c1', '-W2', '10.2.0.2')).toContain('1 received')
  })

  test('makes the peer beside it where no namespace is given, with names of its kind and one queue each', async () => {
    const veth = await Veth.create({ netns: host })
    expect(veth.name).toMatch(/^veth[0-9a-f]{8}$/)
    expect(veth.peer.name).toMatch(/^veth[0-9a-f]{8}$/)
    expect(veth.peer.netns).toBe(host)
    for (const end of [veth, veth.peer]) {
      expect(ipLink(host, end.name)).toMatchObject({
        ifindex: end.index,
        address: end.mac,
        num_tx_queues: 1,
        num_rx_queues: 1,
        operstate: 'DOWN',
      })
      expect(end.mac).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/)
    }
    expect(veth.mac).not.toBe(veth.peer.mac)
  })

  test('names a peer in another namespace', async () => {
    const veth = await Veth.create({ netns: host, name: 'only-mine', peer: { netns: blue } })
    expect(ipJson(blue, 'link', 'show').find((link) => link.ifindex === veth.peer.index)!.ifname).toBe(veth.peer.name)
  })

  test('gives the peer the MTU and the queues of the pair where it has none of its own', async () => {
    const veth = await Veth.create({ netns: host, name: 'big0', mtu: 9000, queues: 3, peer: { name: 'big1', netns: blue } })
    expect(ipLink(host, 'big0')).toMatchObject({ mtu: 9000, num_tx_queues: 3, num_rx_queues: 3 })
    expect(ipLink(blue, 'big1')).toMatchObject({ mtu: 9000, num_tx_queues: 3, num_rx_queues: 3 })
    expect(veth.peer.mtu).toBe(9000)
  })

  test('makes the near end a port of a bridge, and says so', async () => {
    const bridge = await Bridge.create({ netns: host, name: 'br0', up: true })
    const veth = await Veth.create({ netns: host, name: 'port0', master: bridge, up: true, peer: { name: 'port1', netns: blue, up: true } })
    expect(veth.master).toBe(bridge.index)
    expect(ipLink(host, 'port0')).toMatchObject({ master: 'br0', linkinfo: { info_slave_kind: 'bridge' } })
  })

  test('gives each end its alias', async () => {
    const veth = await Veth.create({ netns: host, name: 'al0', alias: 'near', peer: { name: 'al1', netns: blue, alias: 'far' } })
    expect([ipLink(host, 'al0').ifalias, ipLink(blue, 'al1').ifalias]).toEqual(['near', 'far'])
    expect([veth.alias, veth.peer.alias]).toEqual(['near', 'far'])
  })

  test('reports of the peer what refresh then reads', async () => {
    const { peer } = await Veth.create({ netns: host, name: 'rep0', peer: { name: 'rep1', netns: blue, up: true } })
    const known = (({ name, index, mac, mtu, up, kind }) => ({ name, index, mac, mtu, up, kind }))(peer)
    expect(await peer.refresh()).toMatchObject(known)
    expect(peer.record).toMatchObject({ group: 0, numTxQueues: 1, lowerUp: false, parent: expect.any(Number) })
  })

  test.each([
    ['own', 'here', { name: 'here', peer: { name: 'fresh' } }],
    ['peer’s', 'there', { name: 'fresh', peer: { name: 'there' } }],
  ])('with its %s name taken is EEXIST and leaves neither end', async (_whose, taken, { name, peer }) => {
    await Veth.create({ netns: host, name: taken, peer: { name: `${taken}-p`, netns: blue } })
    if (taken === 'there') await Veth.create({ netns: blue, name: taken })
    const before = [host, blue].map((netns) => ip(netns, '-o', 'link', 'show').split('\n').length)
    const error = await refusal(Veth.create({ netns: host, name, peer: { ...peer, netns: blue } }))
    expect(error).toMatchObject({ code: 'EEXIST', syscall: 'RTM_NEWLINK', operation: 'Veth.create', target: name })
    expect([host, blue].map((netns) => ip(netns, '-o', 'link', 'show').split('\n').length)).toEqual(before)
  })

  test('whose peer’s address is refused undoes the pair', async () => {
    const peer = { name: 'undo1', netns: blue, addresses: ['10.3.0.2/24', '10.3.0.2/24'] }
    const error = await refusal(Veth.create({ netns: host, name: 'undo0', peer }))
    expect(error).toMatchObject({ code: 'EEXIST', syscall: 'RTM_NEWADDR', operation: 'Veth.create' })
    expect([ipLink(host, 'undo0'), ipLink(blue, 'undo1')]).toEqual([undefined, undefined])
  })

  test('whose peer’s address the kernel refuses throws its refusal, and leaves neither end', async () => {
    const error = await refusal(Veth.create({ netns: host, name: 'bad0', peer: { name: 'bad1', netns: blue, addresses: ['ff02::1/128'] } }))
    expect(error).toMatchObject({ syscall: 'RTM_NEWADDR', operation: 'Veth.create', target: 'ff02::1/128' })
    expect([ipLink(host, 'bad0'), ipLink(blue, 'bad1')]).toEqual([undefined, undefined])
  })
})

describe('Veth.get', () => {
  test('finds a pair of `ip`’s in one namespace, from either end', async () => {
    ip(host, 'link', 'add', 'their0', 'type', 'veth', 'peer', 'name', 'their1')
    const veth = await Veth.get('their0', { netns: host })
    expect(veth.peer).toMatchObject({ name: 'their1', index: ipLink(host, 'their1').ifindex })
    expect((await Veth.get('their1', { netns: host })).peer).toMatchObject({ name: 'their0', index: veth.index })
  })

  test('knows no peer that is in another namespace', async () => {
    await Veth.create({ netns: host, name: 'apart0', peer: { name: 'apart1', netns: blue } })
    expect((await Veth.get('apart0', { netns: host })).peer).toBeUndefined()
  })

  test('of a link that is none is EOPNOTSUPP, of none at all ENODEV', async () => {
    await Bridge.create({ netns: host, name: 'no-veth' })
    expect(await refusal(Veth.get('no-veth', { netns: host }))).toMatchObject({
      code: 'EOPNOTSUPP',
      operation: 'Veth.get',
      target: 'no-veth',
    })
    expect(await refusal(Veth.get('gone', { netns: host }))).toMatchObject({ code: 'ENODEV', operation: 'Veth.get', target: 'gone' })
    expect(await refusal(Bridge.get('gone', { netns: host }))).toMatchObject({ code: 'ENODEV', operation: 'Bridge.get', target: 'gone' })
  })
})

test('the peer’s record says what was asked for it', async () => {
  await using netns = await Netns.create()
  const { peer } = await Veth.create({ netns, peer: { group: 7, txQueueLength: 9, mtu: 1300 } })
  expect(peer.record).toMatchObject({ group: 7, txQueueLength: 9, mtu: 1300 })
})
