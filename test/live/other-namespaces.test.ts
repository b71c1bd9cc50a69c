// What belongs to one namespace is never taken for something of another, nor does a thread stay behind in one.
import { execFileSync } from 'node:child_process'
import { readdirSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Bridge, Link, Netns, Veth } from 'netprim'

let one: Netns
let other: Netns
beforeEach(async () => {
  one = await Netns.create()
  other = await Netns.create()
})
afterEach(async () => {
  await Promise.all([one.delete(), other.delete()])
})

test('a link of another namespace is refused as a master, though its index is taken here', async () => {
  const [wanted] = [await Bridge.create({ netns: one, name: 'wanted' }), await Bridge.create({ netns: other, name: 'evil' })]
  await expect(Veth.create({ netns: other, master: wanted })).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' })
  expect((await other.links.list()).map(({ name }) => name)).toEqual(['lo', 'evil'])
})

test('a link that moves finds its master, and its settings as a port, where it goes', async () => {
  await Bridge.create({ netns: one, name: 'brx' })
  const there = await Bridge.create({ netns: other, name: 'bry' })
  const veth = await Veth.create({ netns: one, name: 'v0' })
  await veth.set({ netns: other, master: 'bry', isolated: true })
  expect(veth.netns).toBe(other)
  expect(veth.record).toMatchObject({ master: there.index, port: { isolated: true } })
  await veth.delete()
  await expect(Link.get('v0', { netns: other })).rejects.toMatchObject({ code: 'ENODEV' })
})

test('what is asked before close is done, and the shared handle of the own namespace does not close', async () => {
  const adding = one.addresses.add({ link: 1, address: '10.0.0.1/24' })
  await one.close()
  await adding
  await Netns.current().close()
  expect((await Netns.current().links.list()).length).toBeGreaterThan(0)
})

test('an address, a route and a neighbour that are called off are not sent', async () => {
  const signal = AbortSignal.abort(new Error('called off'))
  await expect(one.addresses.add({ link: 1, address: '10.0.0.1/24' }, { signal })).rejects.toThrow('called off')
  await expect(one.routes.add({ to: '10.1.0.0/16', type: 'blackhole' }, { signal })).rejects.toThrow('called off')
  await expect(one.neighbours.add({ link: 1, address: '10.0.0.2' }, { signal })).rejects.toThrow('called off')
  expect([...(await one.addresses.list()), ...(await one.routes.list())]).toEqual([])
})

test('a run inside a run lets no thread be born in either namespace', async () => {
  const made: Promise<Netns>[] = []
  one.run(() => {
    other.run(() => undefined)
    for (let at = 0; at < 8; at++) made.push(Netns.create())
  })
  await Promise.all((await Promise.all(made)).map((netns) => netns.delete()))
  const home = readlinkSync('/proc/self/ns/net')
  expect(readdirSync('/proc/self/task').map((thread) => readlinkSync(`/proc/self/task/${thread}/ns/net`))).toEqual(
    readdirSync('/proc/self/task').map(() => home),
  )
})

test('a path that is a FIFO is no namespace, and nobody waits at it', async () => {
  const fifo = path.join(tmpdir(), `netprim-fifo-${process.pid}`)
  execFileSync('mkfifo', [fifo])
  try {
    await expect(Netns.open({ path: fifo })).rejects.toMatchObject({ code: 'EINVAL' })
  } finally {
    execFileSync('rm', [fifo])
  }
})

test('more ways of a route than a message holds are refused', async () => {
  const nexthops = Array.from({ length: 5000 }, () => ({ link: 1 }))
  await expect(one.routes.add({ to: '10.0.0.0/8', nexthops })).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' })
})
