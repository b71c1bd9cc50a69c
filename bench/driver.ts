/** What a driver is: a program that does the cases, started once for each of them. */
import type { Case } from './case.js'

/** A program and its arguments. It answers every line that it is sent with a round's nanoseconds, as drivers/netprim-program.ts does. */
export interface Command {
  /** What the table calls it. */
  readonly label: string
  readonly command: string
  readonly args: readonly string[]
  /** How many operations it does in a round, if not as many as the case says. */
  readonly count?: number
}

export interface Driver {
  readonly name: string
  /** Makes the program ready, once, before the first case; throws if that fails. */
  prepare?(): void
  /** The programs that do the case; none if this driver has no such case. */
  commands(benchCase: Case): readonly Command[]
}
