/** Program: does rounds of bare round trips to a native thread, each awaited before the next. */
import { createRequire } from 'node:module'
import { awaitedInTurn } from '../manners.js'
import { answerRounds, type Round } from './answer-rounds.js'

interface RoundTrip {
  readonly roundTrip: () => Promise<boolean>
}

const [addon = '', ...caseAndCount] = process.argv.slice(2)
const { roundTrip } = createRequire(__filename)(addon) as RoundTrip

async function trips(count: number): Promise<Round> {
  let back = 0
  async function trip(): Promise<void> {
    if (await roundTrip()) back++
  }
  return { run: () => awaitedInTurn(count, trip), done: () => back }
}

void answerRounds({ hop: trips, 'link-get': trips }, ...caseAndCount)
