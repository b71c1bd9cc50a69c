/** The driver that measures vishvananda/netlink, the rtnetlink library of Docker and of most that is written in Go. */
import { execFileSync } from 'node:child_process'
import * as path from 'node:path'
import type { Driver } from '../driver.js'
import { installPackages, root, versionsOf } from '../packages.js'
import { peerCommands, type PeerCases } from '../peer-cases.js'

const source = path.join(root, 'bench/peers/vishvananda.go')
const program = path.join(root, 'out/bench/vishvananda')

const cases: PeerCases = {
  'veth-create': 'as netprim',
  'veth-create-netns, peer moved': 5,
  'veth-create-netns, peer made in place': 'as netprim',
  'veth-delete': 'as netprim',
  'veth-delete-all': 5,
  'bridge-create': 'as netprim',
  'netns-create': 'as netprim',
  'routes-add': 'as netprim',
  'routes-list': 'as netprim',
  'links-list': 'as netprim',
  'addresses-add': 'as netprim',
  'neighbours-add': 'as netprim',
  'link-get': 'as netprim',
}

function compile(): void {
  installPackages('vishvananda')
  const cache = path.join(root, 'out/go-cache')
  // From Debian's sources: nothing is fetched.
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: cache, GOFLAGS: '', CGO_ENABLED: '0' }
  execFileSync('go', ['build', '-o', program, source], { env, stdio: 'inherit' })
}

export const vishvananda: Driver = {
  name: 'vishvananda/netlink',
  prepare: compile,
  version: () => versionsOf('golang-github-vishvananda-netlink-dev', 'golang-go'),
  commands: (benchCase) => peerCommands(benchCase, 'vishvananda/netlink', cases, [program]),
}
