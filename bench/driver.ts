/** What a driver is: a program that does the cases, started once for each of them. */
import type { Case } from './case.js'

/** A program and its arguments. It answers every line that it is sent with a round's {@link Answer}, as drivers/netprim-program.ts does. */
export interface Command {
  /** What the table calls it. */
  readonly label: string
  readonly command: string
  readonly args: readonly string[]
  /** How many operations it does in a round, if not as many as the case says. */
  readonly count?: number
  /** The default is that of a peer. */
  readonly role?: Role
  /** A JavaScript program that does the work itself: V8 is to have compiled it before the clock counts. */
  readonly isCompiled?: boolean
}

/** What a row is in a comparison. */
export type Role = 'netprim' | 'floor' | 'peer'

export interface Driver {
  readonly name: string
  /** Makes the program ready, once, before the first case; throws if that fails. */
  prepare?(): void
  /** What it is that is measured, with its version; asked once it is ready. */
  version?(): string
  /** The programs that do the case; none if this driver has no such case. */
  commands(benchCase: Case): readonly Command[]
}
