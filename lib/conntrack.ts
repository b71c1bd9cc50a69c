/** Forgets connections that the kernel tracks, so that their packets meet the rules again (conntrack(8)). */
import { native } from './native.js'
import type { Netns } from './netns.js'
import { allAnswered } from './socket.js'

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

/** Drops the entries that fit any of the filters. That none fits is no error. */
export async function dropConnections(netns: Netns, filters: readonly ConnectionFilter[], operation: string): Promise<void> {
  const purpose = { syscall: 'IPCTNL_MSG_CT_DELETE', operation }
  await allAnswered(filters.map((filter) => netns.netfilter.request(native.encodeFlushConntrack({ ...filter }), purpose)))
}
