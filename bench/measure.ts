/** Measures a case: its drivers take turns, round by round, so that what disturbs the machine disturbs them alike. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from './answer.js'
import { Bystander } from './bystander.js'
import type { Case } from './case.js'
import type { Contestant } from './contestant.js'
import type { Role } from './driver.js'
import { rest } from './rest.js'

/** What a driver took for the rounds of a case. */
export interface Measurement {
  readonly case: string
  readonly driver: string
  readonly role: Role
  /** Operations in a round. */
  readonly count: number
  readonly rounds: readonly Answer[]
}

/** The kernel goes on with what was deleted after it has told of it: that shall not be in the way of another's round. */
const restMilliseconds = 60

/** Of what takes long. */
const fewRounds = 3

/** Of what takes long there are few rounds, of many operations each. */
function warmUps({ rounds }: Case): number {
  if (rounds <= fewRounds) return 1
  return rounds <= 5 ? 2 : 5
}

/**
 * V8 compiles as it goes, beside the program: of an attach, 220 functions within the first 1,200, which take half as long again as later
 * ones. And its young generation grows, page by page of memory that nobody has touched, to three times sixteen megabytes.
 */
const operationsToCompile = 1500
const millisecondsToGrow = 4000
const mostRoundsBefore = 75

/** Whether a program that V8 compiles, after so many rounds by itself, is to have another. */
function isToWarmUp({ rounds, count, elsewhere = false }: Case, round: number, since: number): boolean {
  if (rounds <= fewRounds || elsewhere || round === mostRoundsBefore) return false
  return round * count < operationsToCompile || performance.now() - since < millisecondsToGrow
}

export interface Watcher {
  /** @param round - undefined while warming up */
  readonly progress: (round: number | undefined) => void
  /** Says that a driver does not go on with the case, and why. */
  readonly dropped: (driver: string, reason: string) => void
}

export async function measure(
  benchCase: Case,
  contestants: readonly Contestant[],
  rounds: number,
  { progress, dropped }: Watcher,
): Promise<Measurement[]> {
  const taken = new Map(contestants.map((contestant) => [contestant, [] as Answer[]]))

  async function rounded(contestant: Contestant, watched: boolean): Promise<Answer> {
    // Whoever has no event loop has one beside it.
    const bystander = watched && contestant.role === 'floor' ? new Bystander() : undefined
    try {
      const answer = await contestant.round(watched)
      // Rounds that take long leave much to be deleted.
      await (benchCase.rounds <= fewRounds ? rest() : pause(restMilliseconds))
      return bystander === undefined || answer.start === undefined
        ? answer
        : { ...answer, watched: bystander.watched(answer.start, answer.ns) }
    } finally {
      bystander?.end()
    }
  }

  async function ask(contestant: Contestant): Promise<Answer | undefined> {
    const isWatched = contestant.role !== 'peer' && benchCase.elsewhere !== true
    try {
      // Not what is timed: the one who watches wakes every millisecond, and that can take a tenth of it. Who is not watched has a round
      // before, too: another process was at work in between, and what was in the processor's caches is its own.
      const { watched } = isWatched || benchCase.rounds > fewRounds ? await rounded(contestant, isWatched) : {}
      const answer = await rounded(contestant, false)
      return watched === undefined ? answer : { ...answer, watched }
    } catch (error) {
      taken.delete(contestant)
      dropped(contestant.label, (error as Error).message)
      return undefined
    }
  }

  progress(undefined)
  for (const contestant of contestants.filter(({ isCompiled }) => isCompiled)) {
    const since = performance.now()
    for (let round = 0; taken.has(contestant) && isToWarmUp(benchCase, round, since); round++) await ask(contestant)
  }
  for (let round = 0; round < warmUps(benchCase); round++) for (const contestant of taken.keys()) await ask(contestant)
  for (let round = 0; round < rounds; round++) {
    progress(round)
    // To and fro, so that nobody always follows the same one.
    const order = [...taken.keys()]
    for (const contestant of round % 2 === 0 ? order : order.reverse()) {
      const answer = await ask(contestant)
      if (answer !== undefined) taken.get(contestant)?.push(answer)
    }
  }
  return [...taken].map(([{ label, role, count = benchCase.count }, answers]) => ({
    case: benchCase.name,
    driver: label,
    role,
    count,
    rounds: answers,
  }))
}
