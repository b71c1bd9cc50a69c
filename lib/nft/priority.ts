/** Priorities of base chains by their names (nft(8), "Standard priority names"). */
import { invalidArgValue } from '../validate.js'
import { asInteger } from './json.js'
import type { NftFamily } from './types.js'

const common: Readonly<Record<string, number>> = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 }
const bridge: Readonly<Record<string, number>> = { dstnat: -300, filter: -200, out: 100, srcnat: 300 }

/** A number, or a name. */
export function parsePriority(value: unknown, family: NftFamily, at: string): number {
  if (typeof value !== 'string') return asInteger(value ?? 0, -0x8000_0000, 0x7fff_ffff, at)
  const names = family === 'bridge' ? bridge : common
  const number = Object.hasOwn(names, value) ? names[value] : undefined
  if (number === undefined) throw invalidArgValue(at, `a number, or one of ${Object.keys(names).join(', ')}`, value)
  return number
}
