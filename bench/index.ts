/**
 * `npm run bench -- [CASE …] [--rounds N] [--json FILE]`: measures netprim beside the C floor and its peers, in the same run.
 *
 * A case is chosen by any part of its name; without any, all of them run. Needs root.
 */
import { parseArgs } from 'node:util'
import type { Case } from './case.js'
import { cases } from './cases/index.js'
import { Contestant } from './contestant.js'
import type { Driver } from './driver.js'
import { drivers, floorLabel, peers } from './drivers/index.js'
import { measure, type Measurement } from './measure.js'
import { announce, clearProgress, showProgress } from './progress.js'
import { resultsOf, tableOf, writeJson } from './report.js'

interface Options {
  readonly cases: readonly Case[]
  readonly rounds: number
  readonly json: string | undefined
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '20' }, json: { type: 'string' } },
  })
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds: a positive integer was expected, not '${values.rounds}'`)
  const chosen = cases.filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)))
  if (chosen.length === 0) throw new Error(`no case is named so; there are ${cases.map(({ name }) => name).join(', ')}`)
  return { cases: chosen, rounds, json: values.json }
}

/** Whether the peer is ready; says why if not. */
function canBeHad(peer: Driver): boolean {
  try {
    peer.prepare?.()
    return true
  } catch (error) {
    console.error(`bench: without ${peer.name}: ${(error as Error).message}`)
    return false
  }
}

/** The drivers that have one of the cases, ready. */
function readyDrivers(chosen: readonly Case[]): Driver[] {
  const hasOne = (driver: Driver): boolean => chosen.some((each) => driver.commands(each).length > 0)
  const needed = drivers.filter(hasOne)
  for (const driver of needed) driver.prepare?.()
  return [...needed, ...peers.filter((peer) => hasOne(peer) && canBeHad(peer))]
}

async function run({ cases: chosen, rounds }: Options): Promise<Measurement[]> {
  const ready = readyDrivers(chosen)
  const started: Contestant[] = []
  const measurements: Measurement[] = []
  try {
    for (const benchCase of chosen) {
      announce(`${benchCase.name} …`)
      const contestants = await Promise.all(
        ready.flatMap((driver) => driver.commands(benchCase)).map((command) => Contestant.start(command)),
      )
      started.push(...contestants)
      const progress = (round: number): void => showProgress(`${benchCase.name} … round ${round + 1} of ${rounds}`)
      measurements.push(...(await measure(benchCase, contestants, rounds, progress)))
    }
  } finally {
    clearProgress()
    // Not one after each case: the kernel's clearing up would slow the next.
    await Promise.all(started.map((contestant) => contestant.end()))
  }
  return measurements
}

async function main(): Promise<void> {
  const options = readOptions()
  const results = resultsOf(await run(options), floorLabel)
  console.log(tableOf(results, new Map(options.cases.map(({ name, title }) => [name, title]))))
  if (options.json !== undefined) writeJson(options.json, results)
}

main().catch((error: unknown) => {
  console.error(`bench: ${(error as Error).message}`)
  process.exitCode = 1
})
