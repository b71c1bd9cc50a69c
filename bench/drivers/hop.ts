/** The driver that measures the bare way to another thread and back: an addon that does nothing else, or only reads a link there. */
import { execFileSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import type { Driver } from '../driver.js'
import { root } from '../packages.js'
import { peerCommands, type PeerCases } from '../peer-cases.js'

const source = path.join(root, 'bench/floor/round-trip.cc')
const addon = path.join(root, 'out/bench/round-trip.node')
const program = path.join(__dirname, '../peers/hop.js')

const cases: PeerCases = { 'link-get': 'as netprim', 'link-get, and the link': 'as netprim', hop: 'as netprim' }

/** Beside Node itself, or where node-gyp has put them when netprim's addon was compiled. */
function headers(): string {
  const prefix = path.dirname(path.dirname(realpathSync(process.execPath)))
  const cache = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache')
  const places = [prefix, path.join(cache, 'node-gyp', process.versions.node)].map((place) => path.join(place, 'include/node'))
  const found = places.find((place) => existsSync(path.join(place, 'node_api.h')))
  if (found === undefined) throw new Error(`no node_api.h in ${places.join(' or ')}`)
  return found
}

function compile(): void {
  const flags = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-shared', '-fPIC', '-pthread']
  execFileSync('g++', [...flags, `-I${headers()}`, '-o', addon, source], { stdio: 'inherit' })
}

export const hopLabel = 'bare round trip'

export const hop: Driver = {
  name: 'hop',
  prepare: compile,
  commands: (benchCase) =>
    peerCommands(benchCase, hopLabel, cases, [process.execPath, program, addon]).map((command) => ({ ...command, isCompiled: true })),
}
