// Knows which system packages a purpose needs, tells which are missing, and installs them where apt-get and root allow it.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const goSources = '/usr/share/gocode/src/github.com/vishvananda'

/**
 * The Debian package, and the program, pkg-config module or file that proves its presence.
 * @typedef {{ package: string, program?: string, library?: string, file?: string }} Need
 */

/** @type {Record<string, Need[]>} */
const needs = {
  build: [
    { package: 'g++', program: 'g++' },
    { package: 'make', program: 'make' },
    { package: 'python3', program: 'python3' },
    { package: 'pkg-config', program: 'pkg-config' },
    { package: 'libmnl-dev', library: 'libmnl' },
  ],
  demo: [{ package: 'iproute2', program: 'ip' }],
  test: [
    { package: 'nftables', program: 'nft' },
    { package: 'conntrack', program: 'conntrack' },
    { package: 'iputils-ping', program: 'ping' },
    { package: 'curl', program: 'curl' },
    { package: 'strace', program: 'strace' },
    { package: 'procps', program: 'ps' },
    { package: 'clang-format-19', program: 'clang-format-19' },
  ],
  // The drivers of bench/ that have netprim's competitors do the cases.
  vishvananda: [
    { package: 'golang-go', program: 'go' },
    { package: 'golang-github-vishvananda-netlink-dev', file: `${goSources}/netlink/netlink.go` },
    { package: 'golang-github-vishvananda-netns-dev', file: `${goSources}/netns/netns.go` },
  ],
  pyroute2: [{ package: 'python3-pyroute2', file: '/usr/lib/python3/dist-packages/pyroute2/__init__.py' }],
  nft: [{ package: 'nftables', program: 'nft' }],
  cni: [
    { package: 'containernetworking-plugins', file: '/usr/lib/cni/bridge' },
    { package: 'iptables', program: 'iptables' },
  ],
  netavark: [
    { package: 'netavark', file: '/usr/lib/podman/netavark' },
    { package: 'iptables', program: 'iptables' },
  ],
}

/** @param {string} name */
function hasProgram(name) {
  // An ordinary user's PATH often lacks the sbin folders, where ip and nft live.
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some((folder) => fs.existsSync(path.join(folder, name)))
}

/** @param {string} name */
function hasLibrary(name) {
  return spawnSync('pkg-config', ['--exists', name]).status === 0
}

/** @param {Need} need */
function isPresent(need) {
  if (need.file) return fs.existsSync(need.file)
  return need.program ? hasProgram(need.program) : hasLibrary(need.library ?? '')
}

/** @param {string[]} args */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const result = spawnSync('apt-get', args, { env, encoding: 'utf8', maxBuffer: 1 << 28 })
  return { failed: result.status !== 0, output: `${result.stdout}${result.stderr}` }
}

/**
 * @param {string[]} groups keys of `needs`
 * @param {(text: string) => void} say
 * @param {(text: string) => never} fail
 */
function installMissing(groups, say, fail) {
  const wanted = groups.flatMap((group) => needs[group] ?? [])
  const missing = wanted.filter((need) => !isPresent(need)).map((need) => need.package)
  if (missing.length === 0) return

  const install = ['install', '-y', '--no-install-recommends', ...missing]
  if (process.geteuid?.() !== 0 || !hasProgram('apt-get')) {
    fail(`missing ${missing.join(' ')}; run as root: apt-get update && apt-get ${install.join(' ')}`)
  }
  say(`apt-get install ${missing.join(' ')}`)
  // An update that fails matters only if the install then fails too, which says why.
  aptGet(['update'])
  const { failed, output } = aptGet(install)
  if (failed) fail(`apt-get ${install.join(' ')} failed:\n${output}`)
}

module.exports = { installMissing }
