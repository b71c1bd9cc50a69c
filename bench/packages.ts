/** Installs the system packages of a driver, where they are missing. */
import * as path from 'node:path'

interface SystemPackages {
  readonly installMissing: (groups: readonly string[], say: (text: string) => void, fail: (text: string) => never) => void
}

export const root = path.join(__dirname, '../..')

/**
 * @param group - a key of `needs` in scripts/system-packages.js
 * @throws Error if they cannot be had
 */
export function installPackages(group: string): void {
  // A plain script, which is not compiled along with this.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { installMissing } = require(path.join(root, 'scripts/system-packages.js')) as SystemPackages
  const say = (text: string): void => console.error(`bench: ${text}`)
  installMissing([group], say, (text) => {
    throw new Error(text)
  })
}
