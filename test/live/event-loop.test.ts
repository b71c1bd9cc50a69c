// The event loop and libuv's pool while the kernel works: neither waits for it. The only test here that looks at a clock.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Netns, Veth, nft } from 'netprim'

let host: Netns
let blue: Netns
let folder: string
let file: string
beforeAll(async () => {
  ;[host, blue] = await Promise.all([Netns.create(), Netns.create()])
  folder = mkdtempSync(path.join(tmpdir(), 'netprim-loop-'))
  file = path.join(folder, 'small')
  writeFileSync(file, 'small')
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await Promise.all([host.close(), blue.close()])
})

async function pairs(count: number, here = host): Promise<void> {
  for (let at = 0; at < count; at++) {
    const veth = await Veth.create({ netns: here, name: 'v0', up: true, peer: { netns: blue, up: true } })
    await veth.delete()
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

async function reads(count: number, into: number[]): Promise<void> {
  for (let at = 0; at < count; at++) {
    const begun = performance.now()
    await readFile(file)
    into.push(performance.now() - begun)
    await sleep(1)
  }
}

interface Watched {
  readonly looks: number
  readonly p99: number
  readonly msPerPair: number
}

/** Looks at the event loop each millisecond while 200 pairs come and go. */
async function watch(): Promise<Watched> {
  const resolution = 1
  const delay = monitorEventLoopDelay({ resolution })
  const begun = performance.now()
  delay.enable()
  await pairs(200)
  delay.disable()
  // The histogram holds the time from one look to the next, so it begins at the resolution.
  return { looks: delay.count, p99: delay.percentile(99) / 1e6 - resolution, msPerPair: (performance.now() - begun) / 200 }
}

test('creating and deleting 200 pairs one by one keeps the event loop’s delay below 5 ms, in 99 of 100 looks', async () => {
  await pairs(5)
  // Other programs on this machine only ever add delay, and not each time; a wait for the kernel on this thread would be there
  // each time. So the best of eight counts.
  let best = await watch()
  for (let again = 0; again < 7 && best.p99 >= 5; again++) {
    const next = await watch()
    if (next.p99 < best.p99) best = next
  }
  // Enough looks that one in a hundred says something, and work that would have been seen had it been on this thread.
  expect(best.looks).toBeGreaterThan(200)
  expect(best.msPerPair).toBeGreaterThan(1)
  expect(best.p99).toBeLessThan(5)
}, 120_000)

/** How long a read of a small file takes while pairs are made and deleted in all of these namespaces, in milliseconds. */
async function readMeanwhile(many: readonly Netns[]): Promise<number> {
  const taken: number[] = []
  for (let round = 0; round < 6; round++) {
    let working = true
    const load = many.map(async (netns) => {
      while (working) {
        await pairs(1, netns)
        // The kernel is not done with what was deleted for 20 ms, so its threads are taken all the time, and the processors are not.
        await sleep(10)
      }
    })
    await reads(40, taken)
    working = false
    await Promise.all(load)
  }
  return median(taken)
}

test('while eight namespaces do so at once, reading a small file does not wait for the kernel', async () => {
  // Twice as many as libuv's pool has threads: were they on it, each read would wait 17 ms for the kernel. It takes less than one.
  const many = await Promise.all(Array.from({ length: 8 }, () => Netns.create()))
  await reads(50, [])
  // As above, the best of several counts: the processors are others' too.
  let best = await readMeanwhile(many)
  for (let again = 0; again < 5 && best >= 8; again++) best = Math.min(best, await readMeanwhile(many))
  await Promise.all(many.map((netns) => netns.close()))
  expect(best).toBeLessThan(8)
}, 60_000)

test('a namespace that is closed while another handle of it has a transaction under way does not keep the event loop waiting', async () => {
  const handles = await Promise.all(Array.from({ length: 40 }, () => Netns.open({ fd: host.fd })))
  // Each has a socket for nftables.
  await Promise.all(handles.map((netns) => netns.nft.generation()))
  await host.nft.apply([nft.table('inet', 't'), nft.set('inet', 't', 's', { type: 'ipv4_addr', flags: ['interval'] })])
  const addresses = Array.from({ length: 150_000 }, (_, at) => `10.${at >> 15}.${(at >> 7) & 255}.${(2 * at) & 255}`)
  let applied = false
  const applying = host.nft.apply([nft.element('inet', 't', 's', addresses)]).then(() => (applied = true))
  // The kernel lets none of them go before the transaction is over: it is, or this thread goes on meanwhile.
  let kept = 0
  for (const netns of handles) {
    let closed = false
    void netns.close().then(() => (closed = true))
    await sleep(20)
    if (applied) break
    if (!closed) kept++
  }
  await applying
  expect(kept).toBeGreaterThan(0)
  await Promise.all(handles.map((netns) => netns.close()))
}, 60_000)
