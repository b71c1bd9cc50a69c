/** Program: does rounds of one case of listing with `ip -json`, from its start until its text is parsed. */
import type { Netns } from 'netprim'
import { freshNetns } from '../fresh-netns.js'
import { withRoutes } from '../subnet-bridge.js'
import { withLinks } from '../veth-pairs.js'
import { answerRounds, type Round, type Rounds } from './answer-rounds.js'
import { runInside } from './run-inside.js'

/** What takes seconds to make serves all rounds. */
let made: Promise<Netns> | undefined

/** @param others - how many are listed that were there before */
function listing(args: readonly string[], make: (count: number) => Promise<Netns>, others: number) {
  return async (count: number): Promise<Round> => {
    const netns = await (made ??= make(count))
    let listed: unknown[] = []
    const run = (): void => {
      listed = JSON.parse(runInside(netns, 'ip', ['-json', ...args])) as unknown[]
    }
    return { run, done: () => listed.length - others }
  }
}

const rounds: Rounds = {
  'routes-list': listing(['route'], withRoutes, 1), // the subnet's
  'links-list': listing(['link'], withLinks, 1), // the loopback
  'cold-start': listing(['link', 'show', 'lo'], freshNetns, 0),
}

void answerRounds(rounds, ...process.argv.slice(2))
