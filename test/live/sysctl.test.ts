// Netns.sysctl: reads and writes the settings of its namespace and of no other; the oracle is `cat` below /proc/sys inside.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Bridge, Netns } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { ip, runIn } from '../helpers/oracle.js'

let blue: Netns
beforeAll(async () => {
  blue = await Netns.create()
})
afterAll(() => blue.close())

const cat = (path: string): string => runIn(blue, 'cat', `/proc/sys/net/${path}`).trim()

test('get reads what the namespace has, not what the process has', async () => {
  const own = readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim()
  const other = own === '1' ? '0' : '1'
  runIn(blue, 'sh', '-c', `echo ${other} > /proc/sys/net/ipv4/ip_forward`)
  expect(await blue.sysctl.get('net.ipv4.ip_forward')).toBe(other)
  expect(await Netns.current().sysctl.get('net.ipv4.ip_forward')).toBe(own)
})

test('set writes numbers and text there and nowhere else', async () => {
  const own = readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8')
  await blue.sysctl.set('net.ipv4.ip_default_ttl', 33)
  expect(cat('ipv4/ip_default_ttl')).toBe('33')
  await blue.sysctl.set('net.ipv4.ip_local_port_range', '20000 30000')
  expect(cat('ipv4/ip_local_port_range')).toBe('20000\t30000')
  expect(await blue.sysctl.get('net.ipv4.ip_local_port_range')).toBe('20000\t30000')
  expect(readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8')).toBe(own)
})

test('takes the key as a path, too', async () => {
  await blue.sysctl.set('net/ipv6/conf/lo/disable_ipv6', 1)
  expect(cat('ipv6/conf/lo/disable_ipv6')).toBe('1')
  expect(await blue.sysctl.get('net.ipv6.conf.lo.disable_ipv6')).toBe('1')
})

test('reaches a link whose name has dots', async () => {
  await Bridge.create({ netns: blue, name: 'eth0.10.x' })
  await blue.sysctl.set('net.ipv4.conf.eth0/10/x.rp_filter', 2)
  expect(cat('ipv4/conf/eth0.10.x/rp_filter')).toBe('2')
  expect(await blue.sysctl.get('net/ipv4/conf/eth0.10.x/rp_filter')).toBe('2')
})

test('setAll writes in its order', async () => {
  ip(blue, 'link', 'set', 'lo', 'up')
  await blue.sysctl.setAll({ 'net.ipv4.conf.all.forwarding': 1, 'net.ipv4.conf.lo.forwarding': 0, 'net.ipv4.tcp_syncookies': '0' })
  expect([cat('ipv4/conf/all/forwarding'), cat('ipv4/conf/lo/forwarding'), cat('ipv4/tcp_syncookies')]).toEqual(['1', '0', '0'])
  // Changing 'all' changes every link's: what came before it in the order is lost.
  await blue.sysctl.setAll({ 'net.ipv4.conf.lo.forwarding': 1, 'net.ipv4.conf.all.forwarding': 0 })
  expect(cat('ipv4/conf/lo/forwarding')).toBe('0')
})

test('reads a value longer than a page', async () => {
  await blue.sysctl.set('net.ipv4.ip_local_reserved_ports', Array.from({ length: 1500 }, (_, at) => 20_000 + 2 * at).join(','))
  const value = await blue.sysctl.get('net.ipv4.ip_local_reserved_ports')
  expect(value).toBe(cat('ipv4/ip_local_reserved_ports'))
  expect(value.split(',')).toHaveLength(1500)
})

test.each([
  ['net.ipv4.nosuch', 'ENOENT'],
  ['net.ipv4.conf.nolink.forwarding', 'ENOENT'],
  ['net.ipv4.conf.no/link.forwarding', 'ENOENT'],
])('%s, which isn’t there, is %s', async (key, code) => {
  for (const attempt of [() => blue.sysctl.get(key), () => blue.sysctl.set(key, 1), () => blue.sysctl.setAll({ [key]: 1 })]) {
    const error = await refusal(attempt())
    expect(error).toMatchObject({ code, syscall: 'open', target: key })
    expect(error.operation).toMatch(/^sysctl\.(get|set|setAll)$/)
  }
})

test('a value that the kernel does not take is EINVAL', async () => {
  expect(await refusal(blue.sysctl.set('net.ipv4.ip_default_ttl', 'many'))).toMatchObject({
    code: 'EINVAL',
    syscall: 'write',
    operation: 'sysctl.set',
  })
  expect(await refusal(blue.sysctl.set('net.ipv4.ip_default_ttl', 300))).toMatchObject({
    code: 'EINVAL',
    target: 'net.ipv4.ip_default_ttl',
  })
})

test('a folder is not a setting', async () => {
  expect((await refusal(blue.sysctl.get('net.ipv4.conf'))).code).toBe('EISDIR')
})
