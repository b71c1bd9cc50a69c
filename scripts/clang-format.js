// Runs clang-format, with the arguments given, on every C and C++ file of the project.
'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

const files = ['native', 'test', 'bench']
  .filter((folder) => fs.existsSync(path.join(root, folder)))
  .flatMap((folder) =>
    fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
  )
  .filter((name) => /\.(c|cc|h)$/.test(name))

if (files.length > 0) {
  const { error, status } = spawnSync('clang-format-19', [...process.argv.slice(2), ...files], { cwd: root, stdio: 'inherit' })
  if (error) console.error(error.message)
  process.exitCode = status ?? 1
}
