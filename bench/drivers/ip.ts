/** The driver that measures iproute2's `ip`, run by a Node program: a process for all operations, and one for each. */
import * as path from 'node:path'
import type { Driver } from '../driver.js'
import { installPackages, versionsOf } from '../packages.js'
import { peerCommands, withOwnRun, type PeerCases } from '../peer-cases.js'

const changes = path.join(__dirname, '../peers/ip-changes.js')
const lists = path.join(__dirname, '../peers/ip-lists.js')

const inBatch: PeerCases = {
  'veth-create': 'as netprim',
  'veth-create-netns, peer moved': 5,
  'veth-create-netns, peer made in place': 'as netprim',
  'veth-delete': 'as netprim',
  'veth-delete-all': 5,
  'routes-add': 'as netprim',
  'addresses-add': 'as netprim',
  'neighbours-add': 'as netprim',
}

const oneByOne: PeerCases = {
  'veth-create': 10,
  'veth-create-netns, peer moved': 5,
  'veth-create-netns, peer made in place': 10,
  'veth-delete': 'as netprim',
  'veth-delete-all': 5,
  'bridge-create': 10,
  'netns-create': 10,
}

const listed: PeerCases = {
  'routes-list': 'as netprim',
  'links-list': 'as netprim',
  'cold-start': 'as netprim',
}

export const ip: Driver = {
  name: 'ip',
  prepare: () => installPackages('demo'),
  version: () => versionsOf('iproute2'),
  commands: (benchCase) => [
    ...peerCommands(benchCase, 'ip -batch', inBatch, [process.execPath, changes, 'batch']),
    // `ip netns add` pins each namespace below /run/netns.
    ...peerCommands(benchCase, 'ip, a process each', oneByOne, withOwnRun([process.execPath, changes, 'each'])),
    ...peerCommands(benchCase, 'ip -json', listed, [process.execPath, lists]),
  ],
}
