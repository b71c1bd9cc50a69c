/** Looks at what an action does to the process while it runs: how late the event loop is, how far the heap grows. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import type { Answer } from './answer.js'
import { collect } from './memory.js'

const resolution = 1
const heapPeriod = 10
/** The monitor counts from its first timer on, and an action that keeps the thread is seen by the next one. */
const settle = 3

const usedHeap = (): number => getHeapStatistics().used_heap_size

const lateness = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolution)

/**
 * In the first round that is watched, which warms up and does not count: only before that is garbage collected. Between the others it is
 * not, for what a round leaves is paid for in the next.
 */
let heapGrowth: number | undefined

export async function timed(action: () => Promise<unknown>): Promise<Answer> {
  const start = process.hrtime.bigint()
  await action()
  return { ns: Number(process.hrtime.bigint() - start) }
}

export async function observed(action: () => Promise<unknown>): Promise<Answer> {
  const monitor = monitorEventLoopDelay({ resolution })
  monitor.enable()
  await pause(settle)
  if (heapGrowth === undefined) collect()
  const before = usedHeap()
  let most = before
  const look = (): void => void (most = Math.max(most, usedHeap()))
  const sampler = setInterval(look, heapPeriod)
  const answer = await timed(action)
  look()
  clearInterval(sampler)
  await pause(settle)
  monitor.disable()
  heapGrowth ??= (most - before) / 2 ** 20
  const watched = { delay99: lateness(monitor.percentile(99)), delayMax: lateness(monitor.max), heapMB: heapGrowth }
  return { ...answer, watched }
}
