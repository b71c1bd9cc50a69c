// Runs the tests from the TypeScript sources: one jest project per folder of test/.
'use strict'

const fromSources = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }],
  },
  moduleNameMapper: { '^netprim$': '<rootDir>/lib/index.ts', '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  modulePathIgnorePatterns: ['<rootDir>/(build|dist|out|prebuilds)/'],
}

/** @param {string} name @param {object} [options] */
function project(name, options) {
  return { ...fromSources, displayName: name, testMatch: [`<rootDir>/test/${name}/**/*.test.ts`], ...options }
}

module.exports = {
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/helpers/summary-reporter.cjs'],
  projects: [
    project('unit'),
    project('types'),
    project('fuzz'),
    project('live', { testEnvironment: '<rootDir>/test/helpers/live-environment.cjs' }),
  ],
}
