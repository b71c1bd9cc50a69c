/** Turns of the event loop, which long work makes way for. */

/** In milliseconds. */
const longestWithoutTurn = 1

/**
 * Lets the event loop have its turn. Of itself it has none while something is always ready: Node takes what threads have done one after
 * the other, up to a thousand times.
 */
export function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Work that has begun now, and how long it has gone on without a turn. */
export class Turns {
  #last = performance.now()

  get due(): boolean {
    return performance.now() - this.#last > longestWithoutTurn
  }

  async take(): Promise<void> {
    await turnOfEventLoop()
    this.#last = performance.now()
  }
}
