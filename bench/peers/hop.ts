/** Program: does rounds of bare round trips to a native thread, each awaited before the next. */
import { createRequire } from 'node:module'
import { Veth } from 'netprim'
import { emptyNamespaces, freshNetns } from '../fresh-netns.js'
import { awaitedInTurn } from '../manners.js'
import { answerRounds, type Round } from './answer-rounds.js'

interface RoundTrip {
  /** Has the other thread read the link with this index before it comes back. */
  readonly roundTrip: (index: number) => Promise<boolean>
  /** Where links are read: in the namespace of the calling thread. */
  readonly openSocket: () => void
}

const noLink = 0

const [addon = '', ...caseAndCount] = process.argv.slice(2)
const { roundTrip, openSocket } = createRequire(__filename)(addon) as RoundTrip

async function trips(count: number, index = noLink): Promise<Round> {
  let back = 0
  async function trip(): Promise<void> {
    if (await roundTrip(index)) back++
  }
  return { run: () => awaitedInTurn(count, trip), done: () => back, clear: emptyNamespaces }
}

async function reads(count: number): Promise<Round> {
  const netns = await freshNetns()
  const { index } = await Veth.create({ netns, name: 'v0', peer: { name: 'p0' } })
  netns.run(openSocket)
  return trips(count, index)
}

void answerRounds({ hop: trips, 'link-get': trips, 'link-get, and the link': reads }, ...caseAndCount)
