// Nothing stays behind: descriptors, threads, mounts and memory after a thousand rounds, and after workers that were cut off.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { expect, test } from '@jest/globals'
import { Bridge, Link, Netns } from 'netprim'
import { compiledEntry } from '../helpers/program.js'
import { uniqueName, uniqueNames } from '../helpers/oracle.js'

const collect = globalThis.gc!
/** netprim starts its threads when it needs them, keeps them, and never has more than 32. */
const mostThreads = readdirSync('/proc/self/task').length + 32
const home = readlinkSync('/proc/self/ns/net')

/** Other tests pin namespaces, too. */
function mountsOf(name: string): number {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(name)).length
}

/** What this process holds, by kind; the descriptors without those of the directories being read. */
function held(): { sockets: number; namespaces: number; fds: number; threads: number; mounts: number } {
  const targets = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      return []
    }
  })
  return {
    sockets: targets.filter((target) => target.startsWith('socket:')).length,
    namespaces: targets.filter((target) => target.startsWith('net:')).length,
    fds: targets.length,
    threads: readdirSync('/proc/self/task').length,
    mounts: mountsOf(uniqueNames),
  }
}

/** What is held once all that had gone has also been seen to go: the kernel and the collector take a moment. */
async function settled(limit: ReturnType<typeof held>): Promise<ReturnType<typeof held>> {
  for (let round = 0; round < 100; round++) {
    collect()
    await sleep(50)
    const now = held()
    if ((Object.keys(limit) as (keyof typeof limit)[]).every((key) => now[key] <= limit[key])) return now
  }
  return held()
}

const namespacesOfThreads = (): Set<string> =>
  new Set(readdirSync('/proc/self/task').map((thread) => readlinkSync(`/proc/self/task/${thread}/ns/net`)))
const notMore = (before: ReturnType<typeof held>): unknown =>
  Object.fromEntries(Object.entries(before).map(([key, count]) => [key, expect.toBeAtMost(count)]))

expect.extend({
  toBeAtMost: (actual: number, limit: number) => ({ pass: actual <= limit, message: () => `expected ${actual} to be at most ${limit}` }),
})
declare module '@jest/expect' {
  interface AsymmetricMatchers {
    toBeAtMost(limit: number): unknown
  }
}

/**
 * In a process of its own, for RSS: one namespace with a pair into it, whose near end is a bridge's port, and all of it away again,
 * 1,000 times after 500 that warm up. Deleting costs the kernel 17 ms for each pair, so rounds go ten at a time and their pairs
 * are deleted together.
 */
const thousand = `
  const { readdirSync, readFileSync, readlinkSync } = require('node:fs')
  const { Netns, Bridge, Veth, Link } = require(process.argv[1])
  async function ten(host) {
    const bridge = await Bridge.create({ netns: host })
    const made = await Promise.all(Array.from({ length: 10 }, async (_, at) => {
      const blue = await Netns.create(at === 0 ? process.argv[2] : undefined)
      const peer = { netns: blue, name: 'eth0', up: true, addresses: ['10.0.0.2/24'] }
      return { blue, veth: await Veth.create({ netns: host, master: bridge, up: true, peer }) }
    }))
    await Link.deleteAll([...made.map(({ veth }) => veth), bridge])
    await Promise.all(made.map(({ blue }) => blue.delete()))
  }
  function held() {
    gc()
    return {
      fds: readdirSync('/proc/self/fd').length, threads: readdirSync('/proc/self/task').length,
      // Of other processes, too, but for this name.
      mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\\n').filter((line) => line.includes(process.argv[2])).length,
      megabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
    }
  }
  void (async () => {
    const threadsOfNode = readdirSync('/proc/self/task').length
    const host = await Netns.create()
    for (let at = 0; at < 50; at++) await ten(host)
    const before = held()
    for (let at = 0; at < 100; at++) await ten(host)
    const after = held()
    const namespaces = readdirSync('/proc/self/task').map((thread) => readlinkSync('/proc/self/task/' + thread + '/ns/net'))
    const links = (await host.links.list()).map((link) => link.name)
    await host.close()
    process.stdout.write(JSON.stringify({ before, after, threadsOfNode, namespaces: [...new Set(namespaces)], links }))
  })()`

test('1,000 namespaces with a pair and a bridge port leave nothing behind', async () => {
  // V8 enlarges its young generation by tens of megabytes when it likes; kept small, what else grows is seen.
  const args = ['--expose-gc', '--max-semi-space-size=1', '-e', thousand, compiledEntry(), uniqueName()]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { before, after, threadsOfNode, namespaces, links } = JSON.parse(stdout) as {
    before: Record<string, number>
    after: Record<string, number>
    threadsOfNode: number
    namespaces: string[]
    links: string[]
  }
  const { megabytes, threads, ...counts } = after
  const { megabytes: megabytesBefore, threads: _, ...countsBefore } = before
  expect(counts).toEqual(countsBefore)
  // Those of netprim are kept, and more than these there never are.
  expect(threads! - threadsOfNode).toBeLessThanOrEqual(32)
  // What the allocator keeps goes up and down by some megabytes; a leak of 8 KiB a round would be more.
  expect(megabytes! - megabytesBefore!).toBeLessThanOrEqual(7)
  expect(namespaces).toEqual([home])
  expect(links).toEqual(['lo'])
}, 120_000)

test('forgotten handles are collected with their descriptors', async () => {
  const forget = async (): Promise<ReturnType<typeof held>> => {
    const forgotten = await Promise.all(Array.from({ length: 50 }, () => Netns.create()))
    await Promise.all(forgotten.map((netns) => netns.links.list()))
    return held()
  }
  // What the threads come back to stays open.
  await (await Netns.create()).close()
  const first = await forget()
  const limit = { sockets: first.sockets - 50, namespaces: first.namespaces - 50, fds: first.fds - 100, threads: mostThreads }
  const before = { ...(await settled({ ...first, ...limit })), threads: mostThreads }
  const again = await forget()
  expect(again.namespaces - before.namespaces).toBeGreaterThanOrEqual(50)
  expect(again.sockets - before.sockets).toBeGreaterThanOrEqual(50)
  expect(await settled(before)).toEqual(notMore(before))
})

test('what is refused leaves nothing behind', async () => {
  const host = await Netns.create()
  const refused = (): Promise<unknown> =>
    Promise.allSettled([
      Netns.open(uniqueName()),
      Netns.open({ path: '/dev/null' }),
      Link.get('nosuch', { netns: host }),
      Bridge.create({ netns: host, addresses: ['10.0.0.1/24', '10.0.0.1/24'] }),
      host.sysctl.get('net.ipv4.nosuch'),
    ])
  // The first times open what stays: sockets to delete over, of which there are eight at the most, and a /proc of our own
  // for who has looked for many settings; how many this process has looked for, other tests have a say in.
  for (let at = 0; at < 10; at++) await refused()
  for (let at = 0; at < 70; at++) await expect(host.sysctl.get('net.ipv4.nosuch')).rejects.toThrow()
  const before = { ...(await settled(held())), threads: mostThreads }
  for (let at = 0; at < 50; at++) await refused()
  expect(await settled(before)).toEqual(notMore(before))
  expect((await host.links.list()).map((link) => link.name)).toEqual(['lo'])
  await host.close()
}, 30_000)

test('20 workers that are cut off in the middle leave no thread and no descriptor', async () => {
  const entry = compiledEntry()
  const program = `
    const { parentPort } = require('node:worker_threads')
    const { Netns, Veth } = require(${JSON.stringify(entry)})
    void (async () => {
      const [host, blue] = await Promise.all([Netns.create(), Netns.create()])
      parentPort.postMessage('working')
      for (;;) {
        const veths = await Promise.all([1, 2, 3, 4].map(() => Veth.create({ netns: host, peer: { netns: blue } })))
        await Promise.all(veths.map((veth) => veth.delete()))
        await Netns.create()
      }
    })()`
  const cutOff = async (after: number): Promise<void> => {
    const worker = new Worker(program, { eval: true })
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await sleep(after)
    await worker.terminate()
  }
  await cutOff(20)
  const before = await settled(held())
  for (let at = 0; at < 20; at++) await cutOff((at * 7) % 40)
  expect(await settled(before)).toEqual(notMore(before))
  expect(namespacesOfThreads()).toEqual(new Set([home]))
}, 120_000)
