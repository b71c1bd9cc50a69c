/**
 * `npm run bench -- [CASE …] [--drivers NAME,…] [--rounds N] [--json FILE] [--docs]`: measures netprim beside the C floor and what
 * people use instead, in the same run.
 *
 * A case or driver is chosen by its name or any part of it; without any, all of them run. `--docs` writes docs/performance.md. Needs root.
 */
import { writeFileSync } from 'node:fs'
import type { Case } from './case.js'
import { caseGroups } from './cases/index.js'
import { chartOf } from './chart.js'
import { Contestant } from './contestant.js'
import { writeDocs } from './docs.js'
import type { Driver } from './driver.js'
import { describeMachine } from './machine.js'
import { measure } from './measure.js'
import { readOptions, type Options } from './options.js'
import { announce, say, showProgress } from './progress.js'
import { rest } from './rest.js'
import { resultsOf, type Result } from './results.js'
import { caseTable } from './table.js'
import { terminalTable } from './terminal.js'

/** Whether the driver is ready; says why if not. */
function canBeHad(driver: Driver): boolean {
  try {
    driver.prepare?.()
    return true
  } catch (error) {
    say(`without ${driver.name}: ${(error as Error).message}`)
    return false
  }
}

/** The drivers that have one of the cases, ready. */
function readyDrivers({ cases, drivers }: Options): Driver[] {
  return drivers.filter((driver) => cases.some((each) => driver.commands(each).length > 0) && canBeHad(driver))
}

async function runCase(benchCase: Case, drivers: readonly Driver[], rounds: number): Promise<Result[]> {
  announce(`${benchCase.name} …`)
  const commands = drivers.flatMap((driver) => driver.commands(benchCase))
  const contestants = await Promise.all(commands.map((command) => Contestant.start(command)))
  try {
    const measurements = await measure(benchCase, contestants, rounds, {
      progress: (round) => showProgress(`${benchCase.name} … ${round === undefined ? 'warming up' : `round ${round + 1} of ${rounds}`}`),
      dropped(driver, reason) {
        say(`${benchCase.name} without ${driver}: ${reason}`)
        process.exitCode = 1
      },
    })
    return resultsOf(benchCase, measurements)
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.end()))
  }
}

/** The results by case, told as they come. */
async function runAll(options: Options, drivers: readonly Driver[]): Promise<Map<Case, Result[]>> {
  const results = new Map<Case, Result[]>()
  for (const benchCase of options.cases) {
    await rest()
    const found = await runCase(benchCase, drivers, options.rounds ?? benchCase.rounds)
    if (found.length === 0) continue
    results.set(benchCase, found)
    showProgress('')
    console.log(terminalTable(caseTable(benchCase, found, 'medians')))
  }
  return results
}

function panelsOf(results: ReadonlyMap<Case, Result[]>): Parameters<typeof chartOf>[0] {
  return Object.entries(caseGroups).map(([title, cases]) => ({
    title,
    cases: cases.map((benchCase) => ({ name: benchCase.name, results: results.get(benchCase) ?? [] })),
  }))
}

async function main(): Promise<void> {
  const options = readOptions()
  const drivers = readyDrivers(options)
  const results = await runAll(options, drivers)
  const machine = await describeMachine(drivers)
  if (options.json !== undefined) {
    const content = { date: new Date().toISOString(), machine, unit: 'µs', results: [...results.values()].flat() }
    writeFileSync(options.json, `${JSON.stringify(content, null, 2)}\n`)
  }
  if (options.docs) {
    const tables = [...results].map(([benchCase, found]) => caseTable(benchCase, found, 'medians and p95'))
    writeDocs(machine, tables, chartOf(panelsOf(results)))
  }
}

main().catch((error: unknown) => {
  say((error as Error).message)
  process.exitCode = 1
})
