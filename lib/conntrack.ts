/** Forgets connections that the kernel tracks, so that their packets meet the rules again (conntrack(8)). */
import { encodeDeleteConnections } from './codec/messages.js'
import type { NativeRecord } from './native.js'
import type { Netns } from './netns.js'
import { allAnswered } from './all-answered.js'

/** One direction of a connection; what is absent fits anything. */
export interface Tuple {
  readonly src?: string
  readonly dst?: string
  readonly protocol?: 'tcp' | 'udp' | 'sctp'
  readonly sport?: number
  readonly dport?: number
}

/** Connections whose original and reply directions both fit. */
export interface ConnectionFilter {
  readonly family: 'ipv4' | 'ipv6'
  readonly orig?: Tuple
  readonly reply?: Tuple
}

/** Without saying what is to be compared, the message would mean the whole table. */
function toRecord({ family, orig = {}, reply = {} }: ConnectionFilter): NativeRecord {
  const filter = { orig: Object.keys(orig), reply: Object.keys(reply) }
  if (filter.orig.length + filter.reply.length === 0) throw new Error('a filter for connections that says nothing')
  return { family, orig, reply, filter }
}

/** Drops the entries that fit any of the filters. That none fits is no error. */
export async function dropConnections(netns: Netns, filters: readonly ConnectionFilter[], operation: string): Promise<void> {
  const purpose = { syscall: 'IPCTNL_MSG_CT_DELETE', operation }
  await allAnswered(filters.map((filter) => netns.netfilter.request(encodeDeleteConnections(toRecord(filter)), purpose)))
}
