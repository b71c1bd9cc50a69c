/** Whether processors are as many as they seem: virtual ones may share one that is real, with one another or with strangers. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { median } from './statistics.js'

const runFile = promisify(execFile)

/** Counts for some 0.1 s; says for how many milliseconds. */
const count =
  'const start = performance.now(); let sum = 0; for (let i = 0; i < 1e8; i++) sum += i; console.log(performance.now() - start, sum)'

const times = 5

async function counted(): Promise<number> {
  const { stdout } = await runFile(process.execPath, ['-e', count])
  return parseFloat(stdout)
}

/** How many times as long two programs that do nothing but count take at the same time as one alone: 1 if each has a processor. */
export async function twoAtOnce(): Promise<number> {
  const alone: number[] = []
  const together: number[] = []
  for (let round = 0; round < times; round++) {
    alone.push(await counted())
    together.push(...(await Promise.all([counted(), counted()])))
  }
  return median(together) / median(alone)
}
