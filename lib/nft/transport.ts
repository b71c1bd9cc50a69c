/** What nftables needs of the namespace that it belongs to. */
import type { Outcome } from '../native.js'
import type { Purpose } from '../refusal.js'
import type { Query } from '../socket.js'
import type { Interfaces } from './datatypes.js'

/** How messages of nftables reach the kernel; a netfilter socket of the namespace, and the namespace's interfaces. */
export interface NftTransport {
  /** Sends one message; resolves with what it was answered with, rejects with a {@link NetprimError} if it was refused. */
  request(message: Uint8Array, purpose: Purpose): Promise<Uint8Array>
  /** Asks for a list; begun anew if it changed while it was read. */
  dump<Item>(query: Query<Item>): Promise<Item[]>
  /** Sends the messages in one datagram; resolves with what was refused. */
  batch(messages: readonly Uint8Array[], purpose: Purpose): Promise<Outcome>
  /** Keeps the namespace open until an operation of several steps has ended. */
  usedBy<Result>(operation: Promise<Result>): Promise<Result>
  /** Names of the namespace's interfaces by their indexes. */
  interfaces(): Promise<Interfaces>
}
