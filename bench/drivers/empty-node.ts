/** The driver that measures a Node process which does nothing, for what netprim adds to it. */
import * as path from 'node:path'
import type { Driver } from '../driver.js'
import { peerCommands, type PeerCases } from '../peer-cases.js'

const program = path.join(__dirname, '../peers/empty-node.js')

const cases: PeerCases = { 'cold-start': 'as netprim' }

export const emptyNode: Driver = {
  name: 'empty node',
  commands: (benchCase) => peerCommands(benchCase, 'empty Node process', cases, [process.execPath, program]),
}
