/** The driver that measures the floor: a C program that sends the same messages and does nothing else. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import * as path from 'node:path'
import type { Driver } from '../driver.js'

const root = path.join(__dirname, '../../..')
const sources = path.join(root, 'bench/floor')
const program = path.join(root, 'out/bench/floor')

function compile(): void {
  const files = readdirSync(sources).filter((name) => name.endsWith('.c'))
  const libmnl = execFileSync('pkg-config', ['--cflags', '--libs', 'libmnl'], { encoding: 'utf8' }).split(/\s+/).filter(Boolean)
  const flags = ['-std=gnu17', '-O2', '-Wall', '-Wextra']
  execFileSync('cc', [...flags, '-o', program, ...files.map((name) => path.join(sources, name)), ...libmnl], { stdio: 'inherit' })
}

export const floorLabel = 'C floor'

export const floor: Driver = {
  name: 'floor',
  prepare: compile,
  commands: ({ name, count }) => [{ label: floorLabel, command: program, args: [name, String(count)] }],
}
