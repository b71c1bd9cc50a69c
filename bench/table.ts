/** The table of one case, as words: what the terminal and the documentation show. */
import type { Case } from './case.js'
import type { Ratio, Result } from './results.js'

export interface CaseTable {
  readonly name: string
  readonly title: string
  readonly head: readonly string[]
  /** Of each driver; a word for each of the head. */
  readonly rows: readonly (readonly string[])[]
  /** What there is to say that is no column. */
  readonly notes: readonly string[]
}

interface Column {
  readonly head: string
  readonly cell: (result: Result) => string
}

/** Three digits that matter. */
function digits(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return ''
  const whole = Math.floor(Math.log10(Math.max(Math.abs(value), 0.1))) + 1
  return value.toFixed(Math.max(0, Math.min(2, 3 - whole)))
}

/** How much a table has room for. */
export type Detail = 'medians' | 'medians and p95'

function ratioText(ratio: Ratio | undefined, detail: Detail): string {
  if (ratio === undefined) return ''
  return detail === 'medians' ? digits(ratio.median) : `${digits(ratio.median)} / ${digits(ratio.p95)}`
}

function columnsOf(benchCase: Case, results: readonly Result[], detail: Detail): Column[] {
  const bases = results.filter(({ role }) => role !== 'peer').map(({ driver }) => driver)
  const isObserved = results.some(({ delay99 }) => delay99 !== undefined)
  const inRound = ({ count }: Result): string => (count === benchCase.count ? '' : ` (${count} a round)`)
  return [
    { head: 'driver', cell: (result) => `${result.driver}${inRound(result)}` },
    { head: 'a second', cell: ({ perSecond }) => perSecond.toFixed(0) },
    { head: 'median µs', cell: (result) => digits(result.median) },
    { head: 'p95 µs', cell: ({ p95 }) => digits(p95) },
    ...(results.length === 1 ? [] : bases).map((base) => ({
      head: `× ${base}`,
      cell: ({ ratios }: Result) => ratioText(ratios[base], detail),
    })),
    ...(isObserved
      ? [
          {
            head: 'loop delay, p99 / max ms',
            cell: ({ delay99, delayMax }: Result) => (delay99 === undefined ? '' : `${digits(delay99)} / ${digits(delayMax)}`),
          },
          { head: 'heap MB', cell: ({ heapMB }: Result) => digits(heapMB) },
        ]
      : []),
  ]
}

function notesOf({ driver, figures = {} }: Result): string[] {
  const words = Object.entries(figures).map(([name, value]) => `${name}: ${digits(value)}`)
  return words.length === 0 ? [] : [`${driver}: ${words.join('; ')}`]
}

/** @param detail - of the columns that compare */
export function caseTable(benchCase: Case, results: readonly Result[], detail: Detail): CaseTable {
  const columns = columnsOf(benchCase, results, detail)
  return {
    name: benchCase.name,
    title: `${benchCase.title}, ${benchCase.count.toLocaleString('en')} a round`,
    head: columns.map(({ head }) => head),
    rows: results.map((result) => columns.map(({ cell }) => cell(result))),
    notes: results.flatMap(notesOf),
  }
}
