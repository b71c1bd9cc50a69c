/** Program: does rounds of the case `cold-start` with a Node process that does nothing. */
import * as path from 'node:path'
import { freshNetns } from '../fresh-netns.js'
import { answerRounds } from './answer-rounds.js'
import { runInside } from './run-inside.js'

const program = path.join(__dirname, '../cold-start/nothing.mjs')

const rounds = {
  async 'cold-start'() {
    const netns = await freshNetns()
    return { run: () => void runInside(netns, process.execPath, [program]), done: () => 1 }
  },
}

void answerRounds(rounds, ...process.argv.slice(2))
