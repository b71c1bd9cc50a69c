/** What a driver answers a round with, as a line: a number of nanoseconds, or an object that has more. */

/** What was seen of an event loop and the heap during a round. */
export interface Watched {
  /** Delay of the event loop in milliseconds: what it took longer than it should from one millisecond's timer to the next. */
  readonly delay99: number
  readonly delayMax: number
  /** How far the JavaScript heap grew, at its highest, in the first round that was watched. */
  readonly heapMB?: number
}

export interface Answer {
  readonly ns: number
  /** When the clock started, in nanoseconds of CLOCK_MONOTONIC: of who has no event loop of its own. Another's is watched instead. */
  readonly start?: number
  readonly watched?: Watched
  /** What the case measures beside time. */
  readonly figures?: Readonly<Record<string, number>>
}

export function parseAnswer(line: string): Answer {
  const answer = JSON.parse(line) as Answer | number
  return typeof answer === 'number' ? { ns: answer } : answer
}
