/** Waits until the machine is at rest: with the namespaces of the case before, the kernel has work for a while after they have gone. */
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

const longestMilliseconds = 60_000
const lookMilliseconds = 500
/** So often in a row the processors have to be idle for so large a part of the time. */
const quietLooks = 4
const idleShare = 0.95

/** Milliseconds that the processors have had nothing to do, and all of them. */
function times(): { idle: number; all: number } {
  const each = cpus().map((cpu) => cpu.times)
  const idle = each.reduce((sum, time) => sum + time.idle, 0)
  return { idle, all: each.reduce((sum, time) => sum + time.user + time.nice + time.sys + time.irq, idle) }
}

export async function rest(): Promise<void> {
  const end = performance.now() + longestMilliseconds
  for (let quiet = 0, before = times(); quiet < quietLooks && performance.now() < end;) {
    await pause(lookMilliseconds)
    const now = times()
    quiet = now.idle - before.idle >= idleShare * (now.all - before.all) ? quiet + 1 : 0
    before = now
  }
}
