/** Memory that something takes while it is held: without what the collector would free, so that rounds can be compared. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

interface Memory {
  readonly heap: number
  readonly resident: number
}

setFlagsFromString('--expose-gc')
export const collect = runInNewContext('gc') as () => void

export function collectedMemory(): Memory {
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

/** The figures of a case: bytes that each of the things held takes. */
export function bytesEach(before: Memory, after: Memory, count: number): Record<string, number> {
  return {
    'bytes of heap each': (after.heap - before.heap) / count,
    'bytes of resident memory each': (after.resident - before.resident) / count,
  }
}
