// Runs pkg-config for binding.gyp; when something is missing, says in one line what to install.
'use strict'

const { spawnSync } = require('node:child_process')

const result = spawnSync('pkg-config', process.argv.slice(2), { encoding: 'utf8' })

if (result.error || result.status !== 0) {
  process.stderr.write(
    'netprim: cannot build the addon, libmnl is needed. ' +
      'Debian, Ubuntu: apt-get install g++ make python3 pkg-config libmnl-dev; ' +
      'Fedora: dnf install gcc-c++ make python3 pkgconf-pkg-config libmnl-devel; ' +
      'Alpine: apk add g++ make python3 pkgconf libmnl-dev linux-headers\n',
  )
  process.exit(1)
}
process.stdout.write(result.stdout)
