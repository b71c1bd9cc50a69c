/** The driver that measures netavark, Podman's network setup, run as Podman runs it. */
import * as path from 'node:path'
import type { Driver } from '../driver.js'
import { installPackages, versionsOf } from '../packages.js'
import { peerCommands, withOwnRun, type PeerCases } from '../peer-cases.js'

const program = path.join(__dirname, '../peers/netavark.js')

const cases: PeerCases = { attach: 5, detach: 5 }

export const netavark: Driver = {
  name: 'netavark',
  prepare: () => installPackages('netavark'),
  version: () => versionsOf('netavark', 'iptables'),
  // iptables may leave a lock in /run.
  commands: (benchCase) => peerCommands(benchCase, 'netavark', cases, withOwnRun([process.execPath, program])),
}
