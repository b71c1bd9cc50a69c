/** The driver that measures the floor: a C program that sends the same messages and does nothing else. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import * as path from 'node:path'
import type { Case } from '../case.js'
import type { Command, Driver } from '../driver.js'
import { root } from '../packages.js'

const sources = path.join(root, 'bench/floor')
const program = path.join(root, 'out/bench/floor')
const networkProgram = path.join(__dirname, '../make-network.js')

/**
 * How many messages a datagram has: one, and where netprim sends more together, as many as it sends. A case that is not here has no
 * floor.
 */
const cases: Readonly<Record<string, readonly number[]>> = {
  'link-get': [1, 64],
  'veth-create': [1, 8],
  'veth-create-netns': [1, 8],
  attach: [1],
  'attach-1000': [1],
  'veth-delete': [1],
  // All of them, and the one that deletes their group.
  'veth-delete-all': [1, 501],
  'bridge-create': [1, 8],
  // Of so many, only refusals are answered.
  'addresses-add': [1, 128],
  'routes-add': [1, 128],
  'neighbours-add': [1, 128],
  // These are one transaction, or are not messages at all.
  'nft-elements': [1],
  'nft-elements-sized': [1],
  'nft-publish': [1],
  'nft-rules': [1],
  'routes-list': [1],
  'links-list': [1],
  'nft-list': [1],
  'netns-create': [1],
}

function compile(): void {
  const files = readdirSync(sources).filter((name) => name.endsWith('.c'))
  const libmnl = execFileSync('pkg-config', ['--cflags', '--libs', 'libmnl'], { encoding: 'utf8' }).split(/\s+/).filter(Boolean)
  const flags = ['-std=gnu17', '-O2', '-Wall', '-Wextra']
  execFileSync('cc', [...flags, '-o', program, ...files.map((name) => path.join(sources, name)), ...libmnl], { stdio: 'inherit' })
}

export const floorLabel = 'C floor'

function commands({ name, count }: Case): Command[] {
  return (cases[name] ?? []).map((messages) => ({
    label: messages === 1 ? floorLabel : `${floorLabel}, ${messages} a datagram`,
    // The table of a bridge network is netprim's own, so a program of netprim's makes it, before the clock starts.
    command: 'env',
    args: [`BENCH_NETWORK=${process.execPath} ${networkProgram}`, program, name, String(count), String(messages)],
    role: 'floor',
  }))
}

export const floor: Driver = { name: 'floor', prepare: compile, commands }
