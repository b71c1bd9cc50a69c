/** Measures a case: its drivers take turns, round by round, so that what disturbs the machine disturbs them alike. */
import type { Case } from './case.js'
import type { Contestant } from './contestant.js'

/** What a driver took for the rounds of a case. */
export interface Measurement {
  readonly case: string
  readonly driver: string
  /** Operations in a round. */
  readonly count: number
  /** Nanoseconds of each round. */
  readonly rounds: readonly number[]
}

export async function measure(
  benchCase: Case,
  contestants: readonly Contestant[],
  rounds: number,
  progress: (round: number) => void,
): Promise<Measurement[]> {
  for (const contestant of contestants) await contestant.round() // warm-up
  const taken = contestants.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    progress(round)
    // To and fro, so that nobody always follows the same one.
    const order = [...contestants.keys()]
    for (const at of round % 2 === 0 ? order : order.reverse()) {
      taken[at]?.push((await contestants[at]?.round()) ?? NaN)
    }
  }
  const { name } = benchCase
  return contestants.map(({ label, count = benchCase.count }, at) => ({ case: name, driver: label, count, rounds: taken[at] ?? [] }))
}
