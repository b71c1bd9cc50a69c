/** What was measured, in the numbers that are reported. */
import type { Answer, Watched } from './answer.js'
import type { Case } from './case.js'
import type { Role } from './driver.js'
import type { Measurement } from './measure.js'
import { median, most, p95 } from './statistics.js'

/** How many times as long as another one. */
export interface Ratio {
  /** Median over the rounds, each compared with the other's of the same round. */
  readonly median: number
  /** One p95 over the other. */
  readonly p95: number
}

/** A row: times of one operation in microseconds. */
export interface Result {
  readonly case: string
  readonly driver: string
  readonly role: Role
  /** Operations in a round. */
  readonly count: number
  readonly median: number
  readonly p95: number
  readonly perSecond: number
  /** By the name of a row of netprim or of the floor. */
  readonly ratios: Readonly<Record<string, Ratio>>
  /** Milliseconds; median over the rounds. */
  readonly delay99?: number
  /** Milliseconds; the worst of all rounds. */
  readonly delayMax?: number
  /** Of the first round that was watched. */
  readonly heapMB?: number
  /** Medians over the rounds. */
  readonly figures?: Readonly<Record<string, number>>
  /** Microseconds of an operation in each round. */
  readonly rounds: readonly number[]
}

type Row = Pick<Result, 'case' | 'driver' | 'role' | 'count' | 'rounds'> & { readonly answers: readonly Answer[] }

function rowOf({ rounds: answers, ...measurement }: Measurement): Row {
  return { ...measurement, answers, rounds: answers.map(({ ns }) => ns / 1000 / measurement.count) }
}

/** The rows, and behind those of these drivers one that is their sum. */
function withSum(rows: readonly Row[], drivers: readonly string[] = []): Row[] {
  const parts = rows.filter(({ driver }) => drivers.includes(driver))
  const [first, last] = [parts[0], parts.at(-1)]
  if (first === undefined || last === undefined || parts.length < drivers.length) return [...rows]
  const rounds = first.rounds.map((_, round) => parts.reduce((sum, part) => sum + (part.rounds[round] ?? NaN), 0))
  const sum: Row = { ...first, driver: drivers.join(' + '), role: 'floor', rounds, answers: [] }
  return rows.toSpliced(rows.indexOf(last) + 1, 0, sum)
}

function ratioOf(row: Row, base: Row): Ratio {
  const each = row.rounds.map((microseconds, round) => microseconds / (base.rounds[round] ?? NaN))
  return { median: median(each), p95: p95(row.rounds) / p95(base.rounds) }
}

type OfProcess = Partial<Pick<Result, 'delay99' | 'delayMax' | 'heapMB' | 'figures'>>

function ofProcess(answers: readonly Answer[]): OfProcess {
  const all = (name: keyof Watched): number[] => answers.flatMap(({ watched }) => watched?.[name] ?? [])
  const figures = Object.keys(answers[0]?.figures ?? {}).map(
    (name) => [name, median(answers.map((answer) => answer.figures?.[name] ?? NaN))] as const,
  )
  return {
    ...(all('delay99').length > 0 && { delay99: median(all('delay99')), delayMax: most(all('delayMax')) }),
    ...(all('heapMB').length > 0 && { heapMB: median(all('heapMB')) }),
    ...(figures.length > 0 && { figures: Object.fromEntries(figures) }),
  }
}

/** The rows of one case. */
export function resultsOf(benchCase: Case, measurements: readonly Measurement[]): Result[] {
  const rows = withSum(measurements.map(rowOf), benchCase.sum)
  const bases = rows.filter(({ role }) => role !== 'peer')
  return rows.map(({ answers, ...row }) => {
    const others = bases.filter(({ driver }) => driver !== row.driver)
    const ratios = Object.fromEntries(others.map((base) => [base.driver, ratioOf({ ...row, answers }, base)]))
    const middle = median(row.rounds)
    return { ...row, median: middle, p95: p95(row.rounds), perSecond: 1e6 / middle, ratios, ...ofProcess(answers) }
  })
}
