/**
 * Program: does rounds of one case in one manner with netprim. A line on stdin asks for a round, one that says 'watched' for one with a
 * look at the event loop; an {@link Answer} is the answer.
 */
import { createInterface } from 'node:readline'
import type { Answer } from '../answer.js'
import { cases } from '../cases/index.js'
import { observed, timed } from '../observe.js'

const [caseName, manner = ''] = process.argv.slice(2)
const benchCase = cases.find(({ name }) => name === caseName)

async function answerRound(watched: boolean): Promise<Answer> {
  const round = await benchCase?.prepare(manner)
  const action = round?.actions[manner]
  if (benchCase === undefined || round === undefined || action === undefined)
    throw new Error(`no case '${String(caseName)}' with the manner '${manner}'`)
  const answer = await (watched ? observed(action) : timed(action))
  const figures = round.figures?.()
  const done = await round.done()
  if (done !== benchCase.count) throw new Error(`${done} of ${benchCase.count} took effect`)
  await round.clear?.()
  return { ...answer, ...(figures !== undefined && { figures }) }
}

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answerRound(line === 'watched')))
  // Without waiting for the namespaces' handles to be collected.
  process.exit()
}

void main()
