/** Random names and addresses. The bytes are fetched many at a time: to ask for six costs as much as to ask for thousands. */
import { randomFillSync } from 'node:crypto'

const pool = new Uint8Array(4096)
let at = pool.length

function randomByte(): number {
  if (at === pool.length) {
    randomFillSync(pool)
    at = 0
  }
  return pool[at++] ?? 0
}

const hexadecimals = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const withColon = hexadecimals.map((digits) => `:${digits}`)

/** Two digits for each byte. */
export function randomHex(bytes: number): string {
  let text = ''
  for (let count = 0; count < bytes; count++) text += hexadecimals[randomByte()] ?? ''
  return text
}

/** A random unicast, locally administered address. One that is there from the start is one that udev leaves alone. */
export function randomMac(): string {
  let text = hexadecimals[(randomByte() & 0xfc) | 0x02] ?? ''
  for (let count = 1; count < 6; count++) text += withColon[randomByte()] ?? ''
  return text
}
