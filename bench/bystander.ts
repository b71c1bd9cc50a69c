/** How late the event loop of a process is that does nothing but stand by while another one runs: what the machine does to it. */
import type { Watched } from './answer.js'
import { most, p99 } from './statistics.js'

const period = 1

const now = (): number => Number(process.hrtime.bigint())

interface Tick {
  /** Nanoseconds of CLOCK_MONOTONIC, which is the same for all processes. */
  readonly at: number
  /** Milliseconds more than there should have been since the one before. */
  readonly late: number
}

export class Bystander {
  readonly #ticks: Tick[] = []
  readonly #timer: NodeJS.Timeout

  constructor() {
    let before = now()
    this.#timer = setInterval(() => {
      const at = now()
      this.#ticks.push({ at, late: Math.max(0, (at - before) / 1e6 - period) })
      before = at
    }, period)
  }

  end(): void {
    clearInterval(this.#timer)
  }

  /** Of the ticks in this time, and the first one behind it, which is late for what was before. */
  watched(start: number, ns: number): Watched {
    const ticks = this.#ticks.filter(({ at }) => at > start)
    const behind = ticks.findIndex(({ at }) => at > start + ns)
    const late = (behind === -1 ? ticks : ticks.slice(0, behind + 1)).map((tick) => tick.late)
    return { delay99: p99(late), delayMax: most(late) }
  }
}
