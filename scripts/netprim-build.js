#!/usr/bin/env node
// `npx netprim-build`: compiles the addon of an installed netprim from its sources.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const { buildAddon } = require('./build-addon.js')

/** node-gyp as installed beside netprim, else the one that comes with npm, which knows this Node. */
function findNodeGyp() {
  try {
    return require.resolve('node-gyp/bin/node-gyp.js')
  } catch {
    const npmsOwn = process.env.npm_config_node_gyp
    if (npmsOwn && fs.existsSync(npmsOwn)) return npmsOwn
    process.stderr.write('netprim-build: no node-gyp found; run `npx netprim-build`, or `npm install node-gyp` first\n')
    process.exit(1)
  }
}

// A user's CI may have a newer compiler with newer warnings; only netprim's own CI stops at them.
const env = { ...process.env }
delete env.CI

console.log('netprim-build: compiling the addon')
buildAddon(findNodeGyp(), env)
console.log(`netprim-build: built ${path.join(__dirname, '../build/Release/netprim.node')}`)
