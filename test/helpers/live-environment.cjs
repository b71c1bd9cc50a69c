// The jest environment of the live tests: without root they are skipped, and in CI that is a failure.
'use strict'

const { TestEnvironment } = require('jest-environment-node')

const isRoot = process.geteuid?.() === 0

/** @typedef {{ type: string, mode?: string, children?: Block[] }} Block a describe block or a test of jest-circus */

/** Marks the describe blocks too, for a block that is not skipped runs its hooks. @param {Block} block */
function skip(block) {
  block.mode = 'skip'
  block.children?.forEach(skip)
}

module.exports = class LiveEnvironment extends TestEnvironment {
  /** @override */
  async setup() {
    if (!isRoot && process.env.CI) throw new Error('CI must run the live tests, and they need root')
    await super.setup()
  }

  /** @param {{ name: string }} event @param {{ rootDescribeBlock: Block }} state */
  handleTestEvent(event, state) {
    if (event.name === 'run_start' && !isRoot) skip(state.rootDescribeBlock)
  }
}
