/** The driver that measures pyroute2, the rtnetlink library of Python. */
import * as path from 'node:path'
import type { Driver } from '../driver.js'
import { installPackages, root, versionsOf } from '../packages.js'
import { peerCommands, withOwnRun, type PeerCases } from '../peer-cases.js'

// Debian's Python: another in PATH does not see Debian's packages.
const python = '/usr/bin/python3'
const program = path.join(root, 'bench/peers/pyroute2-program.py')

const cases: PeerCases = {
  'veth-create': 'as netprim',
  'veth-create-netns, peer moved': 5,
  'veth-create-netns, peer made in place': 'as netprim',
  'veth-delete': 'as netprim',
  'veth-delete-all': 5,
  'bridge-create': 'as netprim',
  'netns-create': 10,
  'routes-add': 10_000,
  'routes-list': 10_000,
  'links-list': 1000,
  'addresses-add': 'as netprim',
  'neighbours-add': 'as netprim',
  'link-get': 'as netprim',
}

export const pyroute2: Driver = {
  name: 'pyroute2',
  prepare: () => installPackages('pyroute2'),
  version: () => versionsOf('python3-pyroute2', 'python3'),
  // It pins each namespace that it makes below /run/netns.
  commands: (benchCase) => peerCommands(benchCase, 'pyroute2', cases, withOwnRun([python, program])),
}
