/** How links are deleted: alone, or as a group of their own at the price of one (IFLA_GROUP, rtnetlink(7)). */
import { randomInt } from 'node:crypto'
import { encodeDelLink, encodeSetLink } from '../codec/messages.js'
import type { Removal } from '../departures.js'

/** Numbers below are people's own; the kernel takes any of 32 bits. */
const firstPrivateGroup = 0x4000_0000
const lastPrivateGroup = 0x7fff_ffff

/** What has to be known of a link to delete it. */
interface Leaving {
  readonly index: number
  readonly group: number | undefined
}

/** The kernel waits once for all that are deleted by one message, and for each of those that are deleted by messages of their own. */
export const linkRemoval: Removal<Leaving> = {
  alone: ({ index }) => encodeDelLink({ index }),
  together: (links) => {
    const group = randomInt(firstPrivateGroup, lastPrivateGroup)
    return [...links.map(({ index }) => encodeSetLink({ index, group })), encodeDelLink({ group })]
  },
  afterwards: (links) => links.map(({ index, group = 0 }) => encodeSetLink({ index, group })),
}
