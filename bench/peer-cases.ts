/** Which cases a peer has, and how many operations it does in a round of each. */
import type { Case } from './case.js'
import type { Command } from './driver.js'

/**
 * By the name of the case, or by that with a manner behind a comma where a peer has several. A peer that would take too long for
 * netprim's number has a lesser one.
 */
export type PeerCases = Readonly<Record<string, number | 'as netprim'>>

type Program = readonly [command: string, ...args: string[]]

/** The programs that do the case, in rounds of the peer's own number; none if the peer has no such case. */
export function peerCommands({ name, count }: Case, label: string, cases: PeerCases, [command, ...args]: Program): Command[] {
  return Object.entries(cases)
    .filter(([own]) => own === name || own.startsWith(`${name},`))
    .map(([own, number]) => {
      const ownCount = number === 'as netprim' ? count : number
      return { label: label + own.slice(name.length), command, args: [...args, own, String(ownCount)], count: ownCount }
    })
}

/** The same in a mount namespace where /run is its own, for programs that leave something there. */
export function withOwnRun([...command]: Program): Program {
  return ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$0" "$@"', ...command]
}
