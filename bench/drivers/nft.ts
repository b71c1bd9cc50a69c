/** The driver that measures `nft`, run by a Node program: a process for each transaction or list. */
import * as path from 'node:path'
import type { Driver } from '../driver.js'
import { installPackages, versionsOf } from '../packages.js'
import { peerCommands, type PeerCases } from '../peer-cases.js'

const program = path.join(__dirname, '../peers/nft.js')

const cases: PeerCases = {
  'nft-elements': 'as netprim',
  'nft-elements-sized': 'as netprim',
  'nft-publish': 5,
  'nft-rules': 'as netprim',
  'nft-list': 'as netprim',
}

export const nft: Driver = {
  name: 'nft',
  prepare: () => installPackages('nft'),
  version: () => versionsOf('nftables'),
  commands: (benchCase) => peerCommands(benchCase, 'nft', cases, [process.execPath, program]),
}
