// Makes ready what a purpose (build, demo, bench, test) needs: packages, modules, the addon, the compiled TypeScript.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { buildAddon } = require('./build-addon.js')
const { installMissing } = require('./system-packages.js')
const { buildIfStale } = require('./stale.js')

const root = path.join(__dirname, '..')

/** @param {string} text */
function say(text) {
  console.log(`setup: ${text}`)
}

/** @param {string} text @returns {never} */
function fail(text) {
  process.stderr.write(`setup: ${text}\n`)
  process.exit(1)
}

/** Runs a program and shows its output only when it fails.
 * @param {string} command @param {string[]} args */
function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (result.error) fail(result.error.message)
  if (result.status === 0) return
  process.stderr.write(result.stdout + result.stderr)
  fail(`${path.basename(command)} ${args.join(' ')} failed`)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (process.platform !== 'linux') fail(`netprim is for Linux, this is ${process.platform}`)
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node 20.19 or newer is needed, this is ${process.version}`)
}

/** @param {string} file */
function lockedPackages(file) {
  /** @type {{ packages: Record<string, { version?: string, optional?: boolean }> }} */
  const lock = JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'))
  const { '': _project, ...packages } = lock.packages
  return packages
}

function modulesMatchLock() {
  const installedList = 'node_modules/.package-lock.json'
  if (!fs.existsSync(path.join(root, installedList))) return false
  const installed = lockedPackages(installedList)
  return Object.entries(lockedPackages('package-lock.json')).every(
    ([name, { version, optional }]) => (optional && !installed[name]) || installed[name]?.version === version,
  )
}

function installModules() {
  if (modulesMatchLock()) return
  say('npm ci')
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
}

function compileAddon() {
  buildIfStale('build/Release/netprim.node', ['native', 'binding.gyp', 'scripts/pkg-config.js'], () => {
    say('compiling the addon')
    buildAddon(require.resolve('node-gyp/bin/node-gyp.js'))
  })
}

/** @param {string} project */
function tsc(project) {
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project])
}

function compileLibrary() {
  const sources = ['lib', 'tsconfig.json', 'tsconfig.build.json', 'scripts/esm-wrapper.js', 'package-lock.json']
  buildIfStale('dist/index.mjs', sources, () => {
    say('compiling lib to dist')
    // What a removed source left behind must not be packed.
    fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true })
    tsc('tsconfig.build.json')
    run(process.execPath, ['scripts/esm-wrapper.js'])
  })
}

function compilePrograms() {
  const sources = ['examples', 'bench', 'dist', 'tsconfig.json', 'tsconfig.programs.json', 'package-lock.json']
  buildIfStale('out/examples', sources, () => {
    say('compiling examples and bench to out')
    for (const folder of ['out/examples', 'out/bench']) fs.rmSync(path.join(root, folder), { recursive: true, force: true })
    tsc('tsconfig.programs.json')
  })
}

const tasks = {
  build: ['build'],
  demo: ['build', 'demo'],
  bench: ['build', 'demo'],
  test: ['build', 'demo', 'test'],
}

const purpose = process.argv[2] ?? 'build'
if (!Object.hasOwn(tasks, purpose)) fail(`unknown purpose '${purpose}', expected one of ${Object.keys(tasks).join(', ')}`)

checkNode()
installMissing(tasks[/** @type {keyof typeof tasks} */ (purpose)], say, fail)
installModules()
compileAddon()
compileLibrary()
if (purpose !== 'build') compilePrograms()
