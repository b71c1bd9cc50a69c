/** The loop of a peer's program: a line on stdin asks for a round of the case, its nanoseconds are the answer. */
import { createInterface } from 'node:readline'

export interface Round {
  /** What is measured. */
  run(): void | Promise<void>
  /** How many operations took effect. */
  done(): number | Promise<number>
  /** Deletes what is left, where that spares the next round something. */
  clear?(): Promise<void>
}

/** Everything that is done before the clock starts, by the name of the case. */
export type Rounds = Readonly<Record<string, (count: number) => Promise<Round>>>

async function measuredRound(prepare: (count: number) => Promise<Round>, count: number): Promise<bigint> {
  const round = await prepare(count)
  const start = process.hrtime.bigint()
  await round.run()
  const taken = process.hrtime.bigint() - start
  const done = await round.done()
  if (done !== count) throw new Error(`${done} of ${count} took effect`)
  await round.clear?.()
  return taken
}

/** Never returns: ends with the process. */
export async function answerRounds(rounds: Rounds, caseName = '', count = ''): Promise<void> {
  const prepare = rounds[caseName]
  if (prepare === undefined) throw new Error(`no case '${caseName}'`)
  for await (const _line of createInterface({ input: process.stdin })) console.log(String(await measuredRound(prepare, Number(count))))
  // Without waiting for the namespaces' handles to be collected.
  process.exit()
}
