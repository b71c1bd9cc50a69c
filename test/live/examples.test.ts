// The programs of examples/, each run as a process of its own: it says what it does, ends well, and leaves the machine as it was.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeAll, expect, test } from '@jest/globals'
import { transformSync } from '@swc/core'
import { Netns } from 'netprim'
import { compiledLibrary } from '../helpers/program.js'

const sources = path.join(__dirname, '../../examples')
let programs: string

beforeAll(() => {
  const folder = compiledLibrary()
  programs = path.join(folder, 'examples')
  mkdirSync(programs)
  for (const file of readdirSync(sources).filter((name) => name.endsWith('.ts'))) {
    const { code } = transformSync(readFileSync(path.join(sources, file), 'utf8'), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    })
    writeFileSync(path.join(programs, file.replace(/ts$/, 'js')), code)
  }
  writeFileSync(path.join(folder, 'node_modules/netprim.js'), `module.exports = require('../dist/index.js')`)
}, 60_000)

async function ofMachine(): Promise<unknown> {
  const machine = Netns.current()
  return [
    (await machine.links.list()).map(({ name }) => name),
    (await machine.nft.list()).nftables,
    await machine.sysctl.get('net.ipv4.ip_forward'),
    await Netns.list(),
  ]
}

test.each([
  ['demo', [/Everything as it should be\./, /links left in the host +lo uplink/]],
  ['nat', [/outside saw 203\.0\.113\.1$/m, /server saw 203\.0\.113\.2$/m, /"masquerade":null/]],
])(
  '%s',
  async (name, says) => {
    const before = await ofMachine()
    const program = spawn(process.execPath, [path.join(programs, `${name}.js`)], { stdio: ['ignore', 'pipe', 'pipe'] })
    const [said, complained, [status]] = await Promise.all([text(program.stdout), text(program.stderr), once(program, 'exit')])
    expect({ complained, status }).toEqual({ complained: '', status: 0 })
    for (const line of says) expect(said).toMatch(line)
    expect(await ofMachine()).toEqual(before)
  },
  30_000,
)
