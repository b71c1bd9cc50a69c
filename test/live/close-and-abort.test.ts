// close() waits for what is in flight, nothing works afterwards, and an AbortSignal calls off what has not been sent.
import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Bridge, Link, Netns, Veth } from 'netprim'
import { refusal, rejection } from '../helpers/errors.js'
import { ip, ipLink } from '../helpers/oracle.js'

let host: Netns
beforeEach(async () => {
  host = await Netns.create()
})
afterEach(() => host.close())

const closed = expect.objectContaining({ code: 'ERR_NETPRIM_CLOSED', message: 'the network namespace is closed' })

describe('close', () => {
  test('waits for what is in flight, which takes effect', async () => {
    await using view = await Netns.open({ path: host.path })
    const made = [Bridge.create({ netns: host, name: 'a0' }), Bridge.create({ netns: host, name: 'b0', mtu: 1400 })]
    await host.close()
    expect([ipLink(view, 'a0').ifname, ipLink(view, 'b0').mtu]).toEqual(['a0', 1400])
    await Promise.all(made)
  })

  test('waits for a pair whose other end is in the namespace being closed', async () => {
    const blue = await Netns.create()
    await using view = await Netns.open({ path: blue.path })
    const making = Veth.create({ netns: host, name: 'v0', peer: { netns: blue, name: 'v1' } })
    await blue.close()
    await making
    expect(ipLink(view, 'v1')).toBeDefined()
  })

  test('leaves all or nothing of a creation that takes more than one datagram', async () => {
    await using view = await Netns.open({ path: host.path })
    const bridge = Bridge.create({ netns: host, name: 'c0', addresses: ['10.0.0.1/24'] })
    const veth = Veth.create({ netns: host, name: 'd0', peer: { name: 'd1', up: true } })
    const outcomes = Promise.allSettled([bridge, veth])
    await host.close()
    const made = (await outcomes).map(({ status }) => status === 'fulfilled')
    expect(['c0', 'd0'].map((name) => ipLink(view, name) !== undefined)).toEqual(made)
  })

  test.each<[string, (netns: Netns, link: Veth) => Promise<unknown>]>([
    ['links.list', (netns) => netns.links.list({ master: 'lo' })],
    ['addresses.list', (netns) => netns.addresses.list({ link: 'lo' })],
    ['routes.list', (netns) => netns.routes.list({ link: 'lo' })],
    ['neighbours.list', (netns) => netns.neighbours.list({ link: 'lo' })],
    ['routes.get', (netns) => netns.routes.get('127.0.0.1', { oif: 'lo' })],
    ['set', (_netns, veth) => veth.set({ master: 'br0' })],
    ['Veth.get', (netns, { name }) => Veth.get(name, { netns })],
    ['nft.apply', (netns) => netns.nft.apply([{ add: { table: { family: 'ip', name: 't' } } }])],
    ['nft.list', (netns) => netns.nft.list()],
  ])('waits for %s, of whose messages not all have been asked for', async (_name, use) => {
    await (await Link.get('lo', { netns: host })).set({ up: true })
    await Bridge.create({ netns: host, name: 'br0' })
    const used = use(host, await Veth.create({ netns: host }))
    await Promise.all([host.close(), used])
  })

  test('may be called twice, at once and later', async () => {
    await Promise.all([host.close(), host.close()])
    await host.close()
    await host[Symbol.asyncDispose]()
  })

  test('of a handle that was never used works', async () => {
    await (await Netns.create()).close()
  })

  test.each<[string, (netns: Netns, link: Link) => unknown]>([
    ['links.list', (netns) => netns.links.list()],
    ['addresses.list', (netns) => netns.addresses.list()],
    ['routes.add', (netns) => netns.routes.add({ to: 'default', via: '10.0.0.1' })],
    ['neighbours.list', (netns) => netns.neighbours.list()],
    ['sysctl.get', (netns) => netns.sysctl.get('net.ipv4.ip_forward')],
    ['Link.get', (netns) => Link.get('lo', { netns })],
    ['Bridge.create', (netns) => Bridge.create({ netns })],
    ['Veth.create', (netns) => Veth.create({ netns })],
    ['run', (netns) => netns.run(() => 1)],
    ['spawn', (netns) => netns.spawn('true')],
    ['fd', (netns) => netns.fd],
    ['path', (netns) => netns.path],
    ['set', (_netns, link) => link.set({ up: true })],
    ['refresh', (_netns, link) => link.refresh()],
    ['delete', (_netns, link) => link.delete()],
    ['addresses of a link', (_netns, link) => link.addresses.add('10.0.0.1/24')],
  ])('afterwards %s says that it is closed', async (_name, use) => {
    const link = await Bridge.create({ netns: host })
    await host.close()
    expect(await rejection((async () => use(host, link))())).toEqual(closed)
  })

  test('afterwards a pair with its other end in it is not made', async () => {
    const blue = await Netns.create()
    await blue.close()
    expect(await rejection(Veth.create({ netns: host, name: 'v0', peer: { netns: blue } }))).toEqual(closed)
    expect(ipLink(host, 'v0')).toBeUndefined()
  })

  test('leaves another handle of the same namespace alone', async () => {
    const other = await Netns.open({ path: host.path })
    await other.close()
    expect(await host.links.list()).toHaveLength(1)
  })

  test('of a namespace with links ends it with its links, once nothing else has it', async () => {
    const blue = await Netns.create()
    const veth = await Veth.create({ netns: host, name: 'near', peer: { netns: blue, name: 'far' } })
    await blue.close()
    // The kernel takes namespaces down in its own time.
    for (let round = 0; round < 200 && ipLink(host, 'near') !== undefined; round++) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(ipLink(host, 'near')).toBeUndefined()
    expect((await refusal(veth.refresh())).code).toBe('ENODEV')
  })
})

describe('an AbortSignal', () => {
  const aborted = AbortSignal.abort(new Error('called off'))

  test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['Bridge.create', (signal) => Bridge.create({ netns: host, name: 'x0', signal })],
    ['Veth.create', (signal) => Veth.create({ netns: host, name: 'x0', signal })],
    ['Link.create', (signal) => Link.create({ kind: 'ifb', netns: host, name: 'x0', signal })],
    ['Link.get', (signal) => Link.get('lo', { netns: host, signal })],
    ['links.list', (signal) => host.links.list({ signal })],
    ['addresses.list', (signal) => host.addresses.list({ signal })],
    ['routes.list', (signal) => host.routes.list({ signal })],
    ['routes.get', (signal) => host.routes.get('127.0.0.1', { signal })],
    ['neighbours.list', (signal) => host.neighbours.list({ signal })],
    ['set', async (signal) => (await Link.get('lo', { netns: host })).set({ up: true, signal })],
  ])('that was aborted before calls %s off with its reason, and nothing is done', async (_name, use) => {
    expect(await rejection(use(aborted))).toBe(aborted.reason)
    expect(ipLink(host, 'x0')).toBeUndefined()
    expect(ipLink(host, 'lo').flags).not.toContain('UP')
  })

  test('aborted in the same tick calls off what is not sent yet, and only that', async () => {
    await host.links.list()
    const controller = new AbortController()
    const [one, two] = [
      Bridge.create({ netns: host, name: 'off0', signal: controller.signal }),
      Bridge.create({ netns: host, name: 'on0' }),
    ]
    controller.abort()
    expect(await rejection(one)).toMatchObject({ name: 'AbortError' })
    await two
    expect([ipLink(host, 'off0'), ipLink(host, 'on0').ifname]).toEqual([undefined, 'on0'])
  })

  test('aborted after the answer changes nothing', async () => {
    const controller = new AbortController()
    const bridge = await Bridge.create({ netns: host, name: 'late0', signal: controller.signal })
    controller.abort()
    expect((await bridge.set({ mtu: 1400 })).mtu).toBe(1400)
  })

  test('aborted at any moment leaves all or nothing of a creation', async () => {
    for (let after = 0; after < 30; after++) {
      const controller = new AbortController()
      const making = Veth.create({
        netns: host,
        name: 'any0',
        signal: controller.signal,
        addresses: ['10.0.0.1/24'],
        peer: { name: 'any1', up: true, addresses: ['10.0.0.2/24'] },
      })
      for (let tick = 0; tick < after; tick++) await new Promise((resolve) => setImmediate(resolve))
      controller.abort()
      const [outcome] = await Promise.allSettled([making])
      const addresses = [...ip(host, '-4', 'address').matchAll(/10\.0\.0\.\d/g)]
        .map(([address]) => address)
        .filter((address) => !address.endsWith('255'))
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ name: 'AbortError' })
        expect(ip(host, '-br', 'link').trim().split('\n')).toHaveLength(1)
      } else {
        expect(addresses.sort()).toEqual(['10.0.0.1', '10.0.0.2'])
        await outcome.value.delete()
      }
    }
  })

  test('aborted at any moment leaves all or nothing of a link that the kernel does not echo', async () => {
    for (let after = 0; after < 10; after++) {
      const controller = new AbortController()
      const making = Link.create({ kind: 'vxlan', id: 7, port: 4789, netns: host, name: 'vx0', signal: controller.signal })
      for (let tick = 0; tick < after; tick++) await new Promise((resolve) => setImmediate(resolve))
      controller.abort()
      const [outcome] = await Promise.allSettled([making])
      expect(ipLink(host, 'vx0') !== undefined).toBe(outcome.status === 'fulfilled')
      if (outcome.status === 'fulfilled') await outcome.value.delete()
    }
  })

  test('aborted at any moment does not lose a link on its way to another namespace', async () => {
    for (let after = 0; after < 10; after++) {
      const link = await Link.create({ kind: 'ifb', netns: host, name: 'move0' })
      // The index is taken over there.
      await using other = await Netns.create()
      for (let index = 2; index <= link.index; index++) await Bridge.create({ netns: other, name: `b${index}` })
      const controller = new AbortController()
      const moving = link.set({ netns: other, name: 'moved0', signal: controller.signal })
      for (let tick = 0; tick < after; tick++) await new Promise((resolve) => setImmediate(resolve))
      controller.abort()
      await Promise.allSettled([moving])
      expect(ipLink(link.netns, link.name)).toMatchObject({ ifindex: link.index })
      await link.delete()
      expect([ipLink(host, 'move0'), ipLink(other, 'moved0')]).toEqual([undefined, undefined])
    }
  })

  test('leaves no listener behind on a signal that lives long', async () => {
    const { signal } = new AbortController()
    for (let at = 0; at < 30; at++) await host.links.list({ signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

test('use by many at once gives each its own answer', async () => {
  const asked = Array.from({ length: 300 }, (_, at) =>
    at % 3 === 0
      ? Link.get('lo', { netns: host })
      : at % 3 === 1
        ? Link.get(`no${at}`, { netns: host })
        : Link.create({ kind: 'ifb', netns: host, name: `m${at}` }),
  )
  const answers = await Promise.allSettled(asked)
  answers.forEach((answer, at) => {
    if (at % 3 === 1) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'ENODEV', target: `no${at}` } })
    else expect(answer).toMatchObject({ status: 'fulfilled', value: { name: at % 3 === 0 ? 'lo' : `m${at}` } })
  })
})
