/** Turns of the event loop, which long work makes way for. */

/** In milliseconds. */
const longestWithoutTurn = 1

let lastTurn = performance.now()
let nextTurn: Promise<void> | undefined

/**
 * Lets the event loop have its turn. Of itself it has none until all has been done that follows from what threads had done when it began.
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

/** Somebody goes on behind the next turn: this thread will not wait before that. */
export function isTurnAwaited(): boolean {
  return nextTurn !== undefined
}

/** The event loop has had no turn for a while, or none that is known of. */
export function isTurnDue(): boolean {
  return performance.now() - lastTurn > longestWithoutTurn
}

const waiting: (() => void)[] = []

/** Goes on, when a turn is due, behind it. Those who wait for one go on in their order, only so many as have the time until the next. */
export async function giveWay(): Promise<void> {
  if (waiting.length === 0 && !isTurnDue()) return
  const ownTime = new Promise<void>((resolve) => waiting.push(resolve))
  if (waiting.length === 1) void turnOfEventLoop().then(letGoOn)
  await ownTime
}

function letGoOn(): void {
  if (isTurnDue()) void turnOfEventLoop().then(letGoOn)
  else {
    waiting.shift()?.()
    // Behind what the one who goes on does at once.
    if (waiting.length > 0) queueMicrotask(letGoOn)
  }
}

/** Takes steps, with the event loop's turns, when they are due, in between; resolves with what they come to. */
export async function inTurns<Result>(steps: Iterator<unknown, Result>): Promise<Result> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    if (isTurnDue()) await giveWay()
  }
}

/** Takes steps one right after the other. */
export function atOnce<Result>(steps: Iterator<unknown, Result>): Result {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value
}
