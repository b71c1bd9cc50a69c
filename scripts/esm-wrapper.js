// Writes dist/index.mjs and dist/index.d.mts: the `import` entry, which names every export of the one implementation.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

const dist = path.join(__dirname, '../dist')

/** @type {Record<string, unknown>} */
const exported = require(path.join(dist, 'index.js'))
const names = Object.keys(exported).sort()

fs.writeFileSync(
  path.join(dist, 'index.mjs'),
  `import netprim from './index.js'\n\nexport const {\n${names.map((name) => `  ${name},\n`).join('')}} = netprim\n`,
)
fs.writeFileSync(path.join(dist, 'index.d.mts'), `export * from './index.js'\n`)
