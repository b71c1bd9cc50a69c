// Many at a time: thousands of routes, addresses and neighbours from arrays and iterables, and lists that are read piece by piece.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Bridge, Netns, Veth, type RouteOptions } from 'netprim'
import { refusal } from '../helpers/errors.js'
import { ipJson } from '../helpers/oracle.js'

let host: Netns
let bridge: Bridge
beforeEach(async () => {
  host = await Netns.create()
  bridge = await Bridge.create({ netns: host, name: 'br0', up: true, addresses: ['192.168.0.1/16'] })
})
afterEach(() => host.close())

const many = 3000
const route = (at: number): RouteOptions => ({ to: `10.0.${at >> 8}.${at & 255}`, via: '192.168.0.2', link: 'br0' })
const countRoutes = (): number => ipJson(host, 'route', 'show', 'via', '192.168.0.2').length

function* routes(count = many): Generator<RouteOptions> {
  for (let at = 0; at < count; at++) yield route(at)
}

async function* slowRoutes(count = many): AsyncGenerator<RouteOptions> {
  for (const one of routes(count)) {
    await Promise.resolve()
    yield one
  }
}

describe('adding', () => {
  test.each([
    ['an array', () => [...routes()]],
    ['a generator', () => routes()],
    ['an async generator', () => slowRoutes()],
    ['a set', () => new Set(routes())],
  ])('%s of thousands', async (_what, make) => {
    await host.routes.add(make())
    expect(countRoutes()).toBe(many)
    await host.routes.delete(make())
    expect(countRoutes()).toBe(0)
  })

  test('one that is refused is named, and all the others are there', async () => {
    await host.routes.add(route(1234))
    const error = await refusal(host.routes.add([...routes()]))
    expect(error).toMatchObject({ code: 'EEXIST', operation: 'routes.add', target: '10.0.4.210' })
    expect(countRoutes()).toBe(many)
  })

  test('in an array, a wrong one is refused before anything has happened', async () => {
    const list = [...routes()]
    list[2999] = { to: 'nowhere' }
    await expect(host.routes.add(list)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: expect.stringContaining('routes[2999].to'),
    })
    expect(countRoutes()).toBe(0)
  })

  test('what an iterable has given before a wrong one, or before it fails itself, has been asked for', async () => {
    function* wrong(): Generator<RouteOptions> {
      yield* routes(600)
      throw new Error('no more')
    }
    await expect(host.routes.add(wrong())).rejects.toThrow('no more')
    expect(countRoutes()).toBe(512)
  })

  test('an iterable is asked for no more than is under way', async () => {
    let given = 0
    let answered = false
    function* counted(): Generator<RouteOptions> {
      for (const one of routes()) {
        given++
        yield one
      }
    }
    const adding = host.routes.add(counted()).then(() => (answered = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBe(false)
    expect(given).toBeLessThan(many)
    await adding
    expect(given).toBe(many)
  })

  test('addresses and neighbours by the thousand', async () => {
    await bridge.addresses.add(Array.from({ length: 600 }, (_, at) => `10.1.${at >> 8}.${at & 255}/32`))
    expect(ipJson(host, '-4', 'address', 'show', 'dev', 'br0')[0]!.addr_info).toHaveLength(601)
    const neighbours = Array.from({ length: 600 }, (_, at) => ({
      address: `192.168.${1 + (at >> 8)}.${at & 255}`,
      link: bridge,
      mac: '02:00:00:00:00:01',
    }))
    await host.neighbours.add(neighbours)
    expect(ipJson(host, 'neighbour', 'show', 'nud', 'permanent')).toHaveLength(600)
  })

  test.each([
    ['a wrong one', { to: 'nowhere' }, undefined],
    ['a signal', route(1), new Error('enough')],
  ])('%s closes what the rest was to come from', async (_what, last, reason) => {
    let open = 0
    let controller = new AbortController()
    function* source(): Generator<RouteOptions> {
      open++
      try {
        yield route(0)
        yield last
        if (reason !== undefined) controller.abort(reason)
        yield* routes()
      } finally {
        open--
      }
    }
    async function* later(): AsyncGenerator<RouteOptions> {
      await Promise.resolve()
      yield* source()
    }
    for (const given of [source(), later()]) {
      controller = new AbortController()
      await expect(host.routes.add(given, { signal: controller.signal })).rejects.toThrow(reason?.message ?? 'to')
      // A signal does not wait for an async source.
      await new Promise((resolve) => setImmediate(resolve))
      expect(open).toBe(0)
    }
  })

  test('a signal ends the wait for a source that has nothing to give', async () => {
    const controller = new AbortController()
    async function* stalled(): AsyncGenerator<RouteOptions> {
      yield route(0)
      controller.abort(new Error('enough'))
      await new Promise(() => undefined)
    }
    await expect(host.routes.add(stalled(), { signal: controller.signal })).rejects.toThrow('enough')
  })

  test('in an array, one with a link of another namespace is refused before anything has happened', async () => {
    await using other = await Netns.create()
    const elsewhere = await Bridge.create({ netns: other })
    const list = [...routes()]
    list[2999] = { ...route(2999), link: elsewhere }
    await expect(host.routes.add(list)).rejects.toMatchObject({ message: expect.stringContaining('the same namespace') })
    expect(countRoutes()).toBe(0)
  })

  test('a signal ends it between two datagrams', async () => {
    const controller = new AbortController()
    function* aborting(): Generator<RouteOptions> {
      let at = 0
      for (const one of routes()) {
        if (at++ === 1000) controller.abort(new Error('enough'))
        yield one
      }
    }
    await expect(host.routes.add(aborting(), { signal: controller.signal })).rejects.toThrow('enough')
    expect(countRoutes()).toBeLessThan(many)
  })
})

describe('iterating', () => {
  test('gives what list gives', async () => {
    await host.routes.add(routes())
    const given = []
    for await (const one of host.routes.iterate()) given.push(one)
    expect(given).toEqual(await host.routes.list())
    expect(given.filter(({ via }) => via === '192.168.0.2')).toHaveLength(many)
  })

  test('lets its reader ask for other things, and be done with it at any time', async () => {
    await host.routes.add(routes())
    let read = 0
    for await (const one of host.routes.iterate()) {
      if (one.via === undefined) continue
      await host.routes.delete({ to: one.to })
      if (++read === 5) break
    }
    expect(countRoutes()).toBe(many - 5)
  })

  test('of links, addresses and neighbours, with the filters of list', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, at) => Veth.create({ netns: host, name: `v${at}`, master: bridge })))
    await host.neighbours.add({ address: '192.168.0.9', link: bridge, mac: '02:00:00:00:00:01' })
    const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
      const list: Item[] = []
      for await (const item of items) list.push(item)
      return list
    }
    const names = (await collect(host.links.iterate({ master: 'br0' }))).map(({ name }) => name)
    expect(names).toHaveLength(30)
    expect(await collect(host.addresses.iterate({ family: 'ipv4' }))).toEqual(await host.addresses.list({ family: 'ipv4' }))
    expect(await collect(host.neighbours.iterate())).toEqual(await host.neighbours.list())
    expect(await collect(host.routes.iterate({ table: 4242 }))).toEqual([])
  })

  test('refuses a wrong filter', async () => {
    await expect(host.routes.iterate({ table: 'nosuch' as never }).next()).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  })
})
