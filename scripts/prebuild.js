// Copies the built addon, the library that it needs and its licence to prebuilds/linux-<arch>-<libc>/.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const addon = path.join(root, 'build/Release/netprim.node')
const bundled = 'libmnl.so.0'

function folderName() {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  return `linux-${process.arch}-${header.glibcVersionRuntime ? 'glibc' : 'musl'}`
}

/** Where the dynamic linker finds that library. */
function bundledFile() {
  const lines = execFileSync('ldd', [addon], { encoding: 'utf8' }).matchAll(/^\s*(\S+) => (\/\S+)/gm)
  const [, , file] = Array.from(lines).find(([, soname]) => soname === bundled) ?? []
  if (!file) throw new Error(`${addon} is not linked with ${bundled}`)
  return file
}

/** @param {string} library */
function versionOf(library) {
  return execFileSync('pkg-config', ['--modversion', library], { encoding: 'utf8' }).trim()
}

const target = path.join(root, 'prebuilds', folderName())
fs.rmSync(target, { recursive: true, force: true })
fs.mkdirSync(target, { recursive: true })

fs.copyFileSync(addon, path.join(target, 'netprim.node'))
// The symbol table is for debuggers, which a prebuild does not meet.
execFileSync('strip', ['--strip-unneeded', path.join(target, 'netprim.node')])

fs.copyFileSync(bundledFile(), path.join(target, bundled))

fs.cpSync(path.join(root, 'third-party'), target, { recursive: true })
fs.appendFileSync(path.join(target, 'NOTICE'), `\nVersion in this folder: libmnl ${versionOf('libmnl')}.\n`)
console.log(`prebuild: ${path.relative(root, target)}`)
