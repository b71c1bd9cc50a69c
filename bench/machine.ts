/** On what it was measured. */
import * as os from 'node:os'
import type { Driver } from './driver.js'
import { twoAtOnce } from './processors.js'

export interface Machine {
  readonly processor: string
  readonly cpus: number
  /** How many times as long two programs take at the same time as one alone; measured when all else has been. */
  readonly twoAtOnce: number
  readonly memoryGB: number
  readonly kernel: string
  readonly node: string
  /** By the name of the driver. */
  readonly versions: Readonly<Record<string, string>>
}

export async function describeMachine(drivers: readonly Driver[]): Promise<Machine> {
  const processors = os.cpus()
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cpus: processors.length,
    twoAtOnce: await twoAtOnce(),
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    node: process.version,
    versions: Object.fromEntries(drivers.flatMap((driver) => (driver.version === undefined ? [] : [[driver.name, driver.version()]]))),
  }
}
