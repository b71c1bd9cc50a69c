/** The driver that measures the CNI plugins bridge, host-local and portmap, run as a container runtime runs them. */
import * as path from 'node:path'
import type { Driver } from '../driver.js'
import { installPackages, versionsOf } from '../packages.js'
import { peerCommands, withOwnRun, type PeerCases } from '../peer-cases.js'

const program = path.join(__dirname, '../peers/cni.js')

const cases: PeerCases = { attach: 5, detach: 5 }

export const cni: Driver = {
  name: 'CNI plugins',
  prepare: () => installPackages('cni'),
  version: () => versionsOf('containernetworking-plugins', 'iptables'),
  // iptables may leave a lock in /run.
  commands: (benchCase) => peerCommands(benchCase, 'CNI plugins', cases, withOwnRun([process.execPath, program])),
}
