/** What was measured, as a table for the terminal and as a file for programs. */
import { writeFileSync } from 'node:fs'
import * as os from 'node:os'
import Table from 'cli-table3'
import type { Measurement } from './measure.js'
import { median, p95 } from './statistics.js'

/** A line of the table: times of one operation in microseconds. */
interface Result extends Measurement {
  readonly median: number
  readonly p95: number
  readonly perSecond: number
  /** Speed as a share of the floor's: the median over the rounds, each compared with the floor's own of that round. */
  readonly ofFloor: number
}

/** Microseconds of an operation, round by round. */
function eachOf({ rounds, count }: Measurement): number[] {
  return rounds.map((nanoseconds) => nanoseconds / 1000 / count)
}

/** @param floor - what the floor's measurements name as their driver */
export function resultsOf(measurements: readonly Measurement[], floor: string): Result[] {
  return measurements.map((measurement) => {
    const each = eachOf(measurement)
    const base = measurements.find((other) => other.case === measurement.case && other.driver === floor)
    const baseEach = base === undefined ? [] : eachOf(base)
    const shares = each.map((microseconds, round) => (baseEach[round] ?? NaN) / microseconds)
    return { ...measurement, median: median(each), p95: p95(each), perSecond: 1e6 / median(each), ofFloor: median(shares) }
  })
}

/** @param titles - what is counted, by the name of the case */
export function tableOf(results: readonly Result[], titles: ReadonlyMap<string, string>): string {
  const table = new Table({
    head: ['driver', 'per second', 'median µs', 'p95 µs', 'of the floor'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const name of new Set(results.map((result) => result.case))) {
    const own = results.filter((result) => result.case === name)
    const count = own[0]?.count ?? 0
    table.push([{ colSpan: 5, content: `${name}: ${titles.get(name) ?? ''}, ${count} a round` }])
    for (const result of own) {
      const driver = result.count === count ? result.driver : `${result.driver} (${result.count} a round)`
      const numbers = [result.perSecond.toFixed(0), result.median.toFixed(1), result.p95.toFixed(1), result.ofFloor.toFixed(2)]
      table.push([`  ${driver}`, ...numbers])
    }
  }
  return table.toString()
}

export function writeJson(file: string, results: readonly Result[]): void {
  const machine = { kernel: os.release(), cpus: os.cpus().length, model: os.cpus()[0]?.model, node: process.version }
  writeFileSync(file, `${JSON.stringify({ date: new Date().toISOString(), machine, unit: 'µs; rounds in ns', results }, null, 2)}\n`)
}
