// The library compiled to JavaScript, for tests that look at a process of its own.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll } from '@jest/globals'

const root = path.join(__dirname, '../..')
let compiled: string | undefined

afterAll(() => {
  if (compiled !== undefined) rmSync(compiled, { recursive: true, force: true })
})

/**
 * A folder with dist/ compiled from the present sources, the addon, and the modules it needs; removed after the file's tests. Not
 * the project's own dist/, which may be old, or be compiled by another test at the same moment.
 */
export function compiledLibrary(): string {
  if (compiled !== undefined) return compiled
  const folder = mkdtempSync(path.join(tmpdir(), 'netprim-compiled-'))
  compiled = folder
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const run = spawnSync(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.build.json'), '--outDir', path.join(folder, 'dist')], {
    encoding: 'utf8',
  })
  if (!existsSync(path.join(folder, 'dist/index.js'))) throw new Error(run.stdout + run.stderr)
  cpSync(path.join(root, 'build/Release/netprim.node'), path.join(folder, 'build/Release/netprim.node'), { recursive: true })
  for (const name of ['fastest-levenshtein', 'ip-address']) {
    cpSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name), { recursive: true })
  }
  return folder
}

/** The file to `require` from a program that is run with `node -e`. */
export function compiledEntry(): string {
  return path.join(compiledLibrary(), 'dist/index.js')
}
