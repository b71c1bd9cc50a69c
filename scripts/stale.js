// Tells whether something built is older than what it is built from.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')

/** A folder counts with all that it holds, and with itself, for a removed file changes only the folder.
 * @param {string} file @returns {number} */
function newestChange(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...fs.readdirSync(file).map((name) => newestChange(path.join(file, name))))
}

/** Where the time of the last successful build is kept: as the mtime of an empty file.
 * @param {string} product */
function stampOf(product) {
  return path.join(root, 'out/.built', product.replaceAll('/', '-'))
}

/** @param {string} product @param {string[]} sources paths below the root */
function isStale(product, sources) {
  if (!fs.existsSync(path.join(root, product))) return true
  const built = fs.statSync(stampOf(product), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return sources.some((source) => newestChange(path.join(root, source)) > built)
}

/** Runs `build` when `product` is stale. The stamp bears the start, so that an edit during the build is not lost.
 * @param {string} product @param {string[]} sources @param {() => void} build */
function buildIfStale(product, sources, build) {
  if (!isStale(product, sources)) return
  const started = new Date()
  build()
  const stamp = stampOf(product)
  fs.mkdirSync(path.dirname(stamp), { recursive: true })
  fs.writeFileSync(stamp, '')
  fs.utimesSync(stamp, started, started)
}

module.exports = { buildIfStale }
