// Compiles the addon with node-gyp into build/Release/netprim.node; quiet unless it fails.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const root = path.join(__dirname, '..')

/** Node's own headers, when they lie beside it; otherwise node-gyp fetches them as it always does. */
function headerArguments() {
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)))
  const header = path.join(prefix, 'include/node/node_api.h')
  return fs.existsSync(header) ? [`--nodedir=${prefix}`] : []
}

/**
 * @param {string} nodeGyp path of node-gyp's command-line program
 * @param {NodeJS.ProcessEnv} [env]
 */
function buildAddon(nodeGyp, env = process.env) {
  const jobs = String(os.availableParallelism())
  const args = [nodeGyp, 'configure', 'build', `--jobs=${jobs}`, ...headerArguments()]
  const result = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (result.status === 0) return
  process.stderr.write(result.stdout + result.stderr)
  process.exit(1)
}

module.exports = { buildAddon }
