// Addresses of both families: what is added is what `ip address` shows, what `ip` added is what is listed, and all of it again.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Bridge, Netns, type AddressOptions } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { globalAddresses, ip, ipJson, type Json } from '../helpers/oracle.js'

let host: Netns
let bridge: Bridge
beforeAll(async () => {
  host = await Netns.create()
})
afterAll(() => host.close())
beforeEach(async () => {
  bridge = await Bridge.create({ netns: host, up: true })
})

const seenOn = (name: string): Json[] => ipJson(host, 'address', 'show', 'dev', name)[0]!.addr_info.filter((one) => one.local !== undefined)
const seen = (address: string): Json => seenOn(bridge.name).find((one) => one.local === address)!

describe('add', () => {
  test('an IPv4 address with everything that one can have', async () => {
    const options = {
      address: '10.0.0.1/24',
      broadcast: '10.0.0.255',
      scope: 'site',
      label: `${bridge.name}:x`,
      metric: 77,
      flags: ['noprefixroute'],
      validLifetime: 3600,
      preferredLifetime: 1800,
    } as const
    await bridge.addresses.add(options)
    expect(seen('10.0.0.1')).toMatchObject({
      family: 'inet',
      prefixlen: 24,
      broadcast: '10.0.0.255',
      scope: 'site',
      label: `${bridge.name}:x`,
      metric: 77,
      noprefixroute: true,
      valid_life_time: expect.any(Number),
      preferred_life_time: expect.any(Number),
    })
    const { valid_life_time: valid, preferred_life_time: preferred } = seen('10.0.0.1')
    expect(valid).toBeGreaterThan(3500)
    expect(valid).toBeLessThanOrEqual(3600)
    expect(preferred).toBeGreaterThan(1700)
    expect(preferred).toBeLessThanOrEqual(1800)
    const [listed] = await bridge.addresses.list({ family: 'ipv4' })
    const { validLifetime, preferredLifetime, flags, ...rest } = options
    expect(listed).toMatchObject({ ...rest, family: 'ipv4', link: bridge.index, flags: expect.arrayContaining([...flags]) })
    expect(Math.abs(listed!.validLifetime! - validLifetime)).toBeLessThan(100)
    expect(Math.abs(listed!.preferredLifetime! - preferredLifetime)).toBeLessThan(100)
  })

  test('an IPv6 address with everything that one can have', async () => {
    await bridge.addresses.add({
      address: 'fd00::1/64',
      metric: 55,
      flags: ['nodad', 'noprefixroute', 'mngtmpaddr'],
      validLifetime: 3600,
      preferredLifetime: 0,
    })
    expect(seen('fd00::1')).toMatchObject({
      family: 'inet6',
      prefixlen: 64,
      scope: 'global',
      nodad: true,
      noprefixroute: true,
      mngtmpaddr: true,
      deprecated: true,
      preferred_life_time: 0,
    })
    const [listed] = (await bridge.addresses.list({ family: 'ipv6' })).filter((one) => one.scope === 'global')
    expect(listed).toMatchObject({
      address: 'fd00::1/64',
      preferredLifetime: 0,
      flags: expect.arrayContaining(['nodad', 'noprefixroute', 'deprecated']),
    })
  })

  test('an address without a length is the whole address', async () => {
    await bridge.addresses.add(['10.0.0.7', 'fd00::7'])
    expect(globalAddresses(host, bridge.name)).toEqual(['10.0.0.7/32', 'fd00::7/128'])
  })

  test.each([
    ['10.0.0.1/32', '10.0.0.2'],
    ['fd00::1/128', 'fd00::2'],
  ])('a point-to-point address: %s peer %s', async (address, peer) => {
    await bridge.addresses.add({ address, peer })
    const shown = seen(address.split('/')[0]!)
    expect(shown.address).toBe(peer)
    const [listed] = (await bridge.addresses.list()).filter((one) => one.scope === 'global')
    expect(listed).toMatchObject({ address, peer })
  })

  test('several at once, to a namespace’s list by link, name and index', async () => {
    const several: AddressOptions[] = [
      { address: '10.1.0.1/24', link: bridge },
      { address: '10.1.1.1/24', link: bridge.name },
      { address: 'fd01::1/64', link: bridge.index },
    ]
    await host.addresses.add(several)
    expect(globalAddresses(host, bridge.name)).toEqual(['10.1.0.1/24', '10.1.1.1/24', 'fd01::1/64'])
  })

  test('of one that is there is EEXIST, and the others of the call are there', async () => {
    await bridge.addresses.add('10.2.0.1/24')
    const error = await refusal(bridge.addresses.add(['10.2.0.2/24', '10.2.0.1/24', '10.2.0.3/24']))
    expect(error).toMatchObject({ code: 'EEXIST', syscall: 'RTM_NEWADDR', operation: 'addresses.add', target: '10.2.0.1/24' })
    expect(error.message).toMatch(/^addresses\.add '10\.2\.0\.1\/24': EEXIST, file exists \(RTM_NEWADDR/)
    expect(globalAddresses(host, bridge.name)).toEqual(['10.2.0.1/24', '10.2.0.2/24', '10.2.0.3/24'])
  })

  test('on a link that isn’t there is ENODEV', async () => {
    expect(await refusal(host.addresses.add({ address: '10.0.0.1/24', link: 'nolink' }))).toMatchObject({
      code: 'ENODEV',
      operation: 'addresses.add',
      target: 'nolink',
    })
    expect(await refusal(host.addresses.add({ address: '10.0.0.1/24', link: 9999 }))).toMatchObject({
      code: 'ENODEV',
      syscall: 'RTM_NEWADDR',
    })
  })
})

describe('replace', () => {
  test.each(['10.3.0.1/24', 'fd03::1/64'])('changes the settings of one that is there, adds one that is not: %s', async (address) => {
    await bridge.addresses.replace({ address, validLifetime: 1000, preferredLifetime: 500 })
    expect(seen(address.split('/')[0]!).valid_life_time).toBeLessThanOrEqual(1000)
    await bridge.addresses.replace({ address, validLifetime: 9000, preferredLifetime: 8000 })
    expect(seen(address.split('/')[0]!).valid_life_time).toBeGreaterThan(8000)
    expect(globalAddresses(host, bridge.name)).toEqual([address])
  })
})

describe('delete', () => {
  test('takes away what is named and nothing else', async () => {
    await bridge.addresses.add(['10.4.0.1/24', '10.4.1.1/24', 'fd04::1/64', 'fd04::2/64'])
    await bridge.addresses.delete(['10.4.0.1/24', 'fd04::2/64'])
    expect(globalAddresses(host, bridge.name)).toEqual(['10.4.1.1/24', 'fd04::1/64'])
  })

  test.each(['10.5.0.1/24', 'fd05::1/64'])('of one that isn’t there is EADDRNOTAVAIL: %s', async (address) => {
    const error = await refusal(bridge.addresses.delete(address))
    expect(error).toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'RTM_DELADDR', operation: 'addresses.delete', target: address })
  })

  test('takes what is listed', async () => {
    ip(host, 'address', 'add', '10.6.0.1', 'peer', '10.6.0.2', 'dev', bridge.name)
    ip(host, 'address', 'add', 'fd06::1/64', 'dev', bridge.name)
    const listed = (await bridge.addresses.list()).filter((one) => one.scope === 'global')
    expect(listed).toHaveLength(2)
    await host.addresses.delete(
      listed.map(({ address, link: index, peer }) => ({ address, link: index, ...(peer !== undefined && { peer }) })),
    )
    expect(globalAddresses(host, bridge.name)).toEqual([])
  })
})

describe('list', () => {
  test('shows what `ip` shows, of all links', async () => {
    ip(host, 'address', 'add', '10.7.0.1/24', 'dev', bridge.name, 'label', `${bridge.name}:1`)
    ip(host, 'address', 'add', '10.7.0.2/24', 'dev', bridge.name)
    ip(host, 'address', 'add', 'fd07::1/64', 'dev', bridge.name, 'nodad')
    const shown = ipJson(host, 'address', 'show').flatMap((one) =>
      one.addr_info.map((address) => `${one.ifindex} ${address.local!}/${address.prefixlen} ${address.scope}`),
    )
    const listed = (await host.addresses.list()).map((one) => `${one.link} ${one.address} ${one.scope}`)
    expect([...listed].sort()).toEqual([...shown].sort())
    const flags = Object.fromEntries((await bridge.addresses.list()).map((one) => [one.address, one.flags]))
    expect(flags['10.7.0.1/24']).toEqual(['permanent'])
    expect(flags['10.7.0.2/24']).toEqual(expect.arrayContaining(['permanent', 'secondary']))
    expect(flags['fd07::1/64']).toEqual(expect.arrayContaining(['permanent', 'nodad']))
  })

  test('filters by family and by link', async () => {
    const other = await Bridge.create({ netns: host, addresses: ['10.8.1.1/24'] })
    await bridge.addresses.add(['10.8.0.1/24', 'fd08::1/64'])
    const addresses = async (filter: Parameters<typeof host.addresses.list>[0]): Promise<string[]> =>
      (await host.addresses.list(filter)).map((one) => one.address)
    expect(await addresses({ link: other })).toEqual(['10.8.1.1/24'])
    expect(await addresses({ link: bridge.name, family: 'ipv4' })).toEqual(['10.8.0.1/24'])
    expect(await addresses({ link: bridge.index, family: 'ipv6' })).toEqual(expect.arrayContaining(['fd08::1/64']))
    expect((await host.addresses.list({ family: 'ipv6' })).every((one) => one.family === 'ipv6')).toBe(true)
  })

  test('of a link without any is empty, of no link ENODEV', async () => {
    const bare = await Bridge.create({ netns: host })
    expect(await bare.addresses.list()).toEqual([])
    await bare.delete()
    expect(await host.addresses.list({ link: bare.index }).catch((error: unknown) => (error as { code: string }).code)).toEqual('ENODEV')
  })

  test('gives what can be added again', async () => {
    const given: AddressOptions[] = [
      { address: '10.9.0.1/24', label: `${bridge.name}:l`, metric: 9 },
      { address: '10.9.1.1/32', peer: '10.9.1.2' },
      { address: 'fd09::1/64', flags: ['noprefixroute'] },
    ]
    await bridge.addresses.add(given)
    const listed = (await bridge.addresses.list()).filter((one) => one.scope === 'global')
    const before = seenOn(bridge.name).filter((one) => one.scope === 'global')
    await bridge.addresses.delete(given)
    await host.addresses.add(listed)
    const strip = ({ tentative: _dad, ...rest }: Json): object => rest
    expect(
      seenOn(bridge.name)
        .filter((one) => one.scope === 'global')
        .map(strip),
    ).toEqual(before.map(strip))
  })

  test('gives frozen records', async () => {
    await bridge.addresses.add('10.10.0.1/24')
    expect(Object.isFrozen((await bridge.addresses.list())[0])).toBe(true)
  })
})
