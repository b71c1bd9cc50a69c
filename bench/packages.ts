/** The system packages of a driver: installs those that are missing, tells their versions. */
import { execFileSync } from 'node:child_process'
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

/** The version of a Debian package; undefined where it was not installed as one. */
function packageVersion(name: string): string | undefined {
  try {
    return execFileSync('dpkg-query', ['--show', '--showformat=${Version}', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return undefined
  }
}

/** The packages that make up a driver, with their versions. */
export function versionsOf(...names: readonly string[]): string {
  return names.map((name) => `${name} ${packageVersion(name) ?? '(version unknown)'}`).join(', ')
}
