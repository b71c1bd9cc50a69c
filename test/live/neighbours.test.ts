// Neighbours of both families, with `ip neighbour` as the oracle.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Netns, Veth, type Link } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { ip, ipJson, type Json } from '../helpers/oracle.js'

let host: Netns
let link: Link
beforeEach(async () => {
  host = await Netns.create()
  // Pairs, for what loses its carrier loses its neighbours.
  link = await Veth.create({ netns: host, name: 'eth0', up: true, addresses: ['10.0.0.1/24', 'fd00::1/64'], peer: { up: true } })
})
afterEach(() => host.close())

const shown = (address: string): Json => ipJson(host, 'neighbour', 'show', 'to', address)[0]!
const mac = '02:00:00:00:00:09'

describe('add', () => {
  test.each(['10.0.0.9', 'fd00::9'])('is permanent if nothing is said: %s', async (address) => {
    await host.neighbours.add({ address, link, mac })
    expect(shown(address)).toMatchObject({ dst: address, dev: 'eth0', lladdr: mac, state: ['PERMANENT'] })
  })

  test('sets state and flags', async () => {
    await host.neighbours.add([
      { address: '10.0.0.10', link: 'eth0', mac, state: 'reachable' },
      { address: '10.0.0.11', link: link.index, mac, state: 'stale', flags: ['extern_learn'] },
      { address: 'fd00::12', link, mac, state: 'stale', flags: ['router'] },
    ])
    expect(shown('10.0.0.10')).toMatchObject({ state: ['REACHABLE'] })
    expect(shown('10.0.0.11')).toMatchObject({ state: ['STALE'], extern_learn: null })
    expect(shown('fd00::12')).toMatchObject({ state: ['STALE'], router: null })
  })

  test('of one that is there is EEXIST', async () => {
    await host.neighbours.add({ address: '10.0.0.9', link, mac })
    expect(await refusal(host.neighbours.add({ address: '10.0.0.9', link, mac }))).toMatchObject({
      code: 'EEXIST',
      syscall: 'RTM_NEWNEIGH',
      operation: 'neighbours.add',
      target: '10.0.0.9',
    })
  })

  test('a proxy entry', async () => {
    await host.neighbours.add({ address: '10.0.0.13', link, flags: ['proxy'] })
    expect(ip(host, 'neighbour', 'show', 'proxy')).toContain('10.0.0.13 dev eth0')
  })
})

test('replace changes the address of one that is there, adds one that is not', async () => {
  await host.neighbours.replace({ address: '10.0.0.9', link, mac })
  await host.neighbours.replace({ address: '10.0.0.9', link, mac: '02:00:00:00:00:0a' })
  expect(shown('10.0.0.9')).toMatchObject({ lladdr: '02:00:00:00:00:0a' })
})

describe('delete', () => {
  test('takes what is named and nothing else', async () => {
    await host.neighbours.add([
      { address: '10.0.0.8', link, mac },
      { address: '10.0.0.9', link, mac },
      { address: 'fd00::9', link, mac },
    ])
    await host.neighbours.delete([
      { address: '10.0.0.9', link },
      { address: 'fd00::9', link },
    ])
    expect((await host.neighbours.list()).map((one) => one.address)).toEqual(['10.0.0.8'])
    expect(ipJson(host, 'neighbour', 'show')).toMatchObject([{ dst: '10.0.0.8' }])
  })

  test('of one that isn’t there is ENOENT', async () => {
    expect(await refusal(host.neighbours.delete({ address: '10.0.0.9', link }))).toMatchObject({
      code: 'ENOENT',
      syscall: 'RTM_DELNEIGH',
      operation: 'neighbours.delete',
    })
  })
})

describe('list', () => {
  beforeEach(async () => {
    await Veth.create({ netns: host, name: 'eth1', up: true, addresses: ['10.0.1.1/24'], peer: { up: true } })
    for (const line of [
      'add 10.0.0.9 dev eth0 lladdr 02:00:00:00:00:01',
      'add 10.0.1.9 dev eth1 lladdr 02:00:00:00:00:02 nud stale',
      'add fd00::9 dev eth0 lladdr 02:00:00:00:00:03 router',
    ])
      ip(host, 'neighbour', ...line.split(' '))
  })

  test('reads what `ip` added', async () => {
    const eth1 = ipJson(host, 'link', 'show', 'eth1')[0]!.ifindex
    const listed = await host.neighbours.list()
    expect(listed).toHaveLength(3)
    expect(listed).toEqual(
      expect.arrayContaining([
        { family: 'ipv4', address: '10.0.0.9', link: link.index, mac: '02:00:00:00:00:01', state: 'permanent', flags: [] },
        { family: 'ipv4', address: '10.0.1.9', link: eth1, mac: '02:00:00:00:00:02', state: 'stale', flags: [] },
        { family: 'ipv6', address: 'fd00::9', link: link.index, mac: '02:00:00:00:00:03', state: 'permanent', flags: ['router'] },
      ]),
    )
    expect(Object.isFrozen(listed[0])).toBe(true)
  })

  test('filters by family and link', async () => {
    const addresses = async (filter: Parameters<typeof host.neighbours.list>[0]): Promise<string[]> =>
      (await host.neighbours.list(filter)).map((one) => one.address)
    expect(await addresses({ family: 'ipv6' })).toEqual(['fd00::9'])
    expect(await addresses({ link: 'eth1' })).toEqual(['10.0.1.9'])
    expect(await addresses({ link, family: 'ipv4' })).toEqual(['10.0.0.9'])
    expect(await addresses({ link: 'eth1', family: 'ipv6' })).toEqual([])
  })

  test('gives what can be deleted and added again', async () => {
    const before = ip(host, 'neighbour', 'show')
    const listed = await host.neighbours.list()
    await host.neighbours.delete(listed)
    expect(await host.neighbours.list()).toEqual([])
    await host.neighbours.add(listed)
    const lines = (text: string): string[] =>
      text
        .trim()
        .split('\n')
        .map((line) => line.trim())
        .sort()
    expect(lines(ip(host, 'neighbour', 'show'))).toEqual(lines(before))
  })
})
