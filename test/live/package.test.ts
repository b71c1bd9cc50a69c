// The packed package in an empty project: installs without scripts, one implementation for import and require, types, source build.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'

jest.setTimeout(300_000)

const root = path.join(__dirname, '../..')
const tsc = path.join(root, 'node_modules/typescript/bin/tsc')

// What npm tells its children about this project must not reach the installs below.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))

let folder: string
let tarball: string

function run(program: string, args: string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(program, args, { cwd, env, maxBuffer: 1 << 28 })
}

/** An empty project with the tarball installed; resolves to its folder and to what npm said. */
async function install(name: string, ...flags: string[]): Promise<{ project: string; said: string }> {
  const project = path.join(folder, name)
  await mkdir(project)
  await writeFile(path.join(project, 'package.json'), '{ "private": true }')
  const { stdout, stderr } = await run('npm', ['install', '--no-audit', '--no-fund', ...flags, tarball], project)
  return { project, said: stdout + stderr }
}

/** Runs a program of one file in the project, and gives what it printed. */
async function runFile(project: string, file: string, source: string): Promise<string> {
  await writeFile(path.join(project, file), source)
  return (await run(process.execPath, [file], project)).stdout.trim()
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'netprim-package-'))
  await run('npm', ['pack', '--pack-destination', folder], root)
  const packed = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
  expect(packed).toHaveLength(1)
  tarball = path.join(folder, packed[0]!)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('an installed netprim', () => {
  test.each([
    ['plainly', []],
    ['with --ignore-scripts', ['--ignore-scripts']],
  ])('installed %s works, and npm has no scripts to warn of', async (name, flags) => {
    const { project, said } = await install(name.replaceAll(' ', '-'), ...flags)
    expect(said).not.toMatch(/install[- ]scripts?/)
    expect(await runFile(project, 'one.cjs', `console.log(require('netprim').Netns.current().inode)`)).toMatch(/^\d+n?$/)
  })

  describe('in one project', () => {
    let project: string

    beforeAll(async () => {
      ;({ project } = await install('project'))
    })

    test('gives import and require the same exports, all of them by name', async () => {
      const printed = await runFile(
        project,
        'same.mjs',
        `import { createRequire } from 'node:module'
         import * as imported from 'netprim'
         const required = createRequire(import.meta.url)('netprim')
         const names = Object.keys(required)
         const same = names.every((name) => imported[name] === required[name])
         console.log(same && names.includes('Netns') && Object.keys(imported).length === names.length)`,
      )
      expect(printed).toBe('true')
    })

    test('has types for import and for require under nodenext', async () => {
      const body = `
        const here: Netns = Netns.current()
        export async function names(): Promise<string[]> {
          await using _blue: Netns = await Netns.create('blue')
          return Netns.list()
        }
        // @ts-expect-error a namespace is not named by a boolean: the types are there, and are not any
        void Netns.create(true)
        void here`
      await writeFile(path.join(project, 'imports.mts'), `import { Netns, NetprimError } from 'netprim'\nvoid NetprimError\n${body}`)
      await writeFile(path.join(project, 'requires.cts'), `import netprim = require('netprim')\nimport Netns = netprim.Netns\n${body}`)
      await mkdir(path.join(project, 'node_modules/@types'), { recursive: true })
      for (const types of ['@types/node', 'undici-types']) {
        await symlink(path.join(root, 'node_modules', types), path.join(project, 'node_modules', types))
      }
      const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2022']
      const libraries = ['--lib', 'es2023,esnext.disposable', '--types', 'node']
      const { stdout } = await run(process.execPath, [tsc, ...options, ...libraries, 'imports.mts', 'requires.cts'], project)
      expect(stdout).toBe('')
    })

    test('without a binary says to run netprim-build, which builds one that works', async () => {
      const installed = path.join(project, 'node_modules/netprim')
      await rm(path.join(installed, 'prebuilds'), { recursive: true })
      await expect(runFile(project, 'none.cjs', `require('netprim').Netns.current()`)).rejects.toThrow(/npx netprim-build/)

      await run('npx', ['--no', 'netprim-build'], project)
      expect(existsSync(path.join(installed, 'build/Release/netprim.node'))).toBe(true)
      expect(await runFile(project, 'built.cjs', `console.log(require('netprim').Netns.current().inode)`)).toMatch(/^\d+n?$/)
    })
  })
})
