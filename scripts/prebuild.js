// Copies the built addon, the two libraries that it needs and their licences to prebuilds/linux-<arch>-<libc>/.
'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const addon = path.join(root, 'build/Release/netprim.node')
const bundled = ['libmnl.so.0', 'libnftnl.so.11']

function folderName() {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  return `linux-${process.arch}-${header.glibcVersionRuntime ? 'glibc' : 'musl'}`
}

/** Where the dynamic linker finds each library of the addon, by its soname. */
function resolvedLibraries() {
  const lines = execFileSync('ldd', [addon], { encoding: 'utf8' }).matchAll(/^\s*(\S+) => (\/\S+)/gm)
  return new Map(Array.from(lines, ([, soname = '', file = '']) => [soname, file]))
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

const libraries = resolvedLibraries()
for (const soname of bundled) {
  const file = libraries.get(soname)
  if (!file) throw new Error(`${addon} is not linked with ${soname}`)
  fs.copyFileSync(file, path.join(target, soname))
}

fs.cpSync(path.join(root, 'third-party'), target, { recursive: true })
fs.appendFileSync(
  path.join(target, 'NOTICE'),
  `\nVersions in this folder: libmnl ${versionOf('libmnl')}, libnftnl ${versionOf('libnftnl')}.\n`,
)
console.log(`prebuild: ${path.relative(root, target)}`)
