// Prints the totals as the last line on stdout, alone on the line: `N passed, N failed`.
'use strict'

module.exports = class SummaryReporter {
  /** @param {unknown} _contexts @param {import('@jest/reporters').AggregatedResult} results */
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const skipped = results.numPendingTests + results.numTodoTests
    const line = `${results.numPassedTests} passed, ${failed} failed` + (skipped ? `, ${skipped} skipped` : '')
    // At the exit, for jest's own summary comes after that of the other reporters.
    process.once('exit', () => process.stdout.write(`\n${line}\n`))
  }
}
