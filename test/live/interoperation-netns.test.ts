// Named namespaces shared with iproute2: `ip netns` lists, enters, identifies and deletes ours; we open, list, run in and delete its own.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readlinkSync } from 'node:fs'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Bridge, Netns, Veth } from 'netprim'
import { ip, ipLink, runIn, uniqueName } from '../helpers/oracle.js'

const ipNetns = (...args: string[]): string =>
  execFileSync('ip', ['netns', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const listed = (): string[] =>
  ipNetns('list')
    .split('\n')
    .map((line) => line.split(' ')[0]!)
const names = new Set<string>()

/** A name that is gone after the test, whatever became of it. */
function name(): string {
  const fresh = uniqueName()
  names.add(fresh)
  return fresh
}

afterEach(() => {
  for (const one of names) if (existsSync(`/run/netns/${one}`)) ipNetns('delete', one)
  names.clear()
})

describe('a namespace of netprim’s', () => {
  test('is listed, and entered by `ip netns exec` and `ip -n`, which show the links that netprim made in it', async () => {
    await using blue = await Netns.create(name())
    const bridge = await Bridge.create({ netns: blue, name: 'br0', up: true, addresses: ['10.0.0.1/24'] })
    expect(listed()).toContain(blue.name)
    const [seen] = JSON.parse(ipNetns('exec', blue.name!, 'ip', '-j', 'address', 'show', 'dev', 'br0')) as {
      ifindex: number
      addr_info: object[]
    }[]
    expect(seen).toMatchObject({
      ifindex: bridge.index,
      address: bridge.mac,
      addr_info: expect.arrayContaining([expect.objectContaining({ local: '10.0.0.1' })]),
    })
    expect(execFileSync('ip', ['-n', blue.name!, '-o', 'link'], { encoding: 'utf8' }).trim().split('\n')).toHaveLength(2)
  })

  test('is what `ip netns identify` and `ip netns pids` say of a process that netprim spawned in it', async () => {
    await using blue = await Netns.create(name())
    const child = blue.spawn('sleep', ['60'])
    expect(ipNetns('identify', String(child.pid!))).toBe(blue.name)
    expect(ipNetns('pids', blue.name!)).toBe(String(child.pid!))
    child.kill()
    await once(child, 'exit')
  })

  test('takes links that `ip link set netns` moves there, by its name', async () => {
    await using host = await Netns.create()
    await using blue = await Netns.create(name())
    const veth = await Veth.create({ netns: host, name: 'veth0', peer: { name: 'veth1' } })
    ip(host, 'link', 'set', 'veth1', 'netns', blue.name!)
    expect(ipLink(blue, 'veth1').address).toBe(veth.peer.mac)
    expect((await blue.links.list({ kind: 'veth' })).map((link) => link.mac)).toEqual([veth.peer.mac])
    expect((await host.links.list({ kind: 'veth' })).map((link) => link.name)).toEqual(['veth0'])
  })

  test('has the id that `ip netns set` gave it, in the links that lead there', async () => {
    await using host = await Netns.create(name())
    await using blue = await Netns.create(name())
    execFileSync('ip', ['-n', host.name!, 'netns', 'set', blue.name!, '77'])
    const veth = await Veth.create({ netns: host, name: 'veth0', peer: { netns: blue } })
    expect((await veth.refresh()).record.linkNetnsid).toBe(77)
    expect(ipLink(host, 'veth0')).toMatchObject({ link_netnsid: 77, link_index: veth.peer.index })
  })

  test('that `ip netns delete` took is not listed by netprim, and its handle still works', async () => {
    const blue = await Netns.create(name())
    ipNetns('delete', blue.name!)
    expect(await Netns.list()).not.toContain(blue.name)
    expect((await blue.links.list()).map((link) => link.name)).toEqual(['lo'])
    await blue.delete()
    await expect(Netns.open(blue.name!)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('of a name that is taken is refused to `ip netns add`, which leaves it alone', async () => {
    await using blue = await Netns.create(name())
    expect(() => ipNetns('add', blue.name!)).toThrow(/File exists/)
    expect(ipNetns('exec', blue.name!, 'readlink', '/proc/self/ns/net')).toBe(`net:[${blue.inode}]`)
  })
})

describe('a namespace of `ip netns add`', () => {
  test('is listed, opened, run in, and deleted by netprim', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    expect(await Netns.list()).toContain(theirs)
    const opened = await Netns.open(theirs)
    expect(`net:[${opened.inode}]`).toBe(ipNetns('exec', theirs, 'readlink', '/proc/self/ns/net'))
    expect(opened.run(() => readlinkSync('/proc/thread-self/ns/net'))).toBe(`net:[${opened.inode}]`)
    await opened.delete()
    expect([listed().includes(theirs), existsSync(`/run/netns/${theirs}`)]).toEqual([false, false])
  })

  test('has links that `ip -n` made, read and changed by netprim', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    execFileSync('ip', ['-n', theirs, 'link', 'add', 'br7', 'type', 'bridge'])
    await using opened = await Netns.open(theirs)
    const bridge = await Bridge.get('br7', { netns: opened })
    await bridge.set({ up: true, mtu: 1400 })
    expect(ipNetns('exec', theirs, 'ip', '-o', 'link', 'show', 'br7')).toMatch(/<.*\bUP\b.*> mtu 1400 /)
  })

  test('is the same to a process that `ip netns exec` started there, opened by its number', async () => {
    const theirs = name()
    ipNetns('add', theirs)
    const child = spawn('ip', ['netns', 'exec', theirs, 'sh', '-c', 'echo there; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    await using byPid = await Netns.open({ pid: child.pid! })
    await using byName = await Netns.open(theirs)
    expect(byPid.inode).toBe(byName.inode)
    expect(runIn(byPid, 'ip', 'netns', 'identify')).toBe(`${theirs}\n`)
    child.kill()
    await once(child, 'exit')
  })
})
