/** Turns of the event loop, which long work makes way for. */

/** In milliseconds. */
const longestWithoutTurn = 1

let lastTurn = performance.now()
let nextTurn: Promise<void> | undefined

/**
 * Lets the event loop have its turn. Of itself it has none while something is always ready: Node takes what threads have done one after
 * the other, up to a thousand times.
 */
export function turnOfEventLoop(): Promise<void> {
  nextTurn ??= new Promise((resolve) => {
    setImmediate(() => {
      lastTurn = performance.now()
      nextTurn = undefined
      resolve()
    })
  })
  return nextTurn
}

/** The event loop has had no turn for a while, or none that is known of. */
export function isTurnDue(): boolean {
  return performance.now() - lastTurn > longestWithoutTurn
}

/** Goes on, when a turn is due, behind it. Of many that wait for one, only so many go on as have the time until the next. */
export async function giveWay(): Promise<void> {
  while (isTurnDue()) await turnOfEventLoop()
}
