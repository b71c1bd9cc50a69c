// Links that `ip` changes under netprim's hands, or makes itself in its own way: read, changed and deleted by netprim.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Bridge, Link, Netns, Veth } from 'netprim'
import { ip, ipJson, ipLink, runIn } from '../helpers/oracle.js'

let host: Netns
beforeEach(async () => {
  host = await Netns.create()
  await Bridge.create({ netns: host, name: 'base0' })
})
afterEach(() => host.close())

/** Lines of `ip`, as one would type them. */
function type(netns: Netns, ...lines: string[]): void {
  for (const line of lines) ip(netns, ...line.split(' '))
}

describe('what `ip` does to a link of netprim’s', () => {
  test('is seen by refresh, whatever its name is by now', async () => {
    const link = await Veth.create({ netns: host, name: 'x0' })
    type(host, 'link set x0 name renamed mtu 1300 alias theirs address 02:00:00:00:00:0c master base0', 'link set renamed up')
    await link.refresh()
    expect(link).toMatchObject({
      name: 'renamed',
      mtu: 1300,
      alias: 'theirs',
      mac: '02:00:00:00:00:0c',
      up: true,
      master: ipLink(host, 'base0').ifindex,
    })
    type(host, 'link delete renamed')
    await expect(link.refresh()).rejects.toMatchObject({ code: 'ENODEV', operation: 'Veth.refresh' })
    await link.delete()
  })

  test('other names that it gives are found, and listed', async () => {
    const link = await Link.create({ kind: 'ifb', netns: host, name: 'x0' })
    type(host, 'link property add dev x0 altname second altname third')
    type(host, 'link property add dev x0 altname a-name-that-is-longer-than-fifteen')
    expect((await Link.get('a-name-that-is-longer-than-fifteen', { netns: host })).index).toBe(link.index)
    expect(await Link.get('third', { netns: host })).toMatchObject({
      name: 'x0',
      index: link.index,
      record: { altnames: ['second', 'third', 'a-name-that-is-longer-than-fifteen'] },
    })
    await host.addresses.add({ link: 'second', address: '10.0.0.1/24' })
    expect(ipJson(host, 'address', 'show', 'dev', 'x0')[0]!.addr_info).toMatchObject([{ local: '10.0.0.1' }])
  })
})

describe('a tun and a tap, which only `ip tuntap` makes,', () => {
  const why = ((): string | undefined => {
    try {
      runIn(Netns.current(), 'unshare', '--net', 'ip', 'tuntap', 'add', 'probe0', 'mode', 'tun')
      return undefined
    } catch (error) {
      return (error as { stderr: string }).stderr.trim()
    }
  })()
  const has = why === undefined ? test : test.skip

  has(`are read, changed and deleted${why === undefined ? '' : ` (skipped: ${why})`}`, async () => {
    type(host, 'tuntap add mode tun tun0', 'tuntap add mode tap tap0')
    const links = await host.links.list({ kind: 'tun' })
    expect(links.map(({ name, kind }) => [name, kind])).toEqual([
      ['tun0', 'tun'],
      ['tap0', 'tun'],
    ])
    const [tun, tap] = [links[0]!, links[1]!]
    expect([tun.mac, tap.mac]).toEqual(['', ipLink(host, 'tap0')['address']])
    await tun.set({ up: true, mtu: 1280, alias: 'a tun' })
    await tap.set({ master: 'base0', isolated: true })
    expect(ipLink(host, 'tun0')).toMatchObject({ mtu: 1280, ifalias: 'a tun', flags: expect.arrayContaining(['UP', 'POINTOPOINT']) })
    expect(ipLink(host, 'tap0')).toMatchObject({ master: 'base0', linkinfo: { info_slave_data: { isolated: true } } })
    await Link.deleteAll(links)
    expect(ip(host, 'tuntap', 'list')).toBe('')
  })
})
