/** nftables as a member of a namespace: over its netfilter socket. */
import { encodeGetLinks } from '../codec/messages.js'
import { decodeLinks, withoutStatistics } from '../link-record.js'
import { Netns } from '../netns.js'
import type { Interfaces } from './datatypes.js'
import { Nft } from './nft.js'

/** Names of links by their indexes, for rules say the one where the kernel keeps the other. */
async function interfaces(netns: Netns): Promise<Interfaces> {
  const links = await netns.route.dump({
    message: encodeGetLinks({ extMask: withoutStatistics }),
    purpose: { syscall: 'RTM_GETLINK', operation: 'nft' },
    decode: decodeLinks,
  })
  return new Map(links.map(({ index, name }) => [index, name]))
}

declare module '../netns.js' {
  interface Netns {
    /** nftables of this namespace. */
    readonly nft: Nft
  }
}

Netns.extend('nft', (netns) => {
  const { netfilter } = netns
  return new Nft({
    request: (message, purpose) => netfilter.request(message, purpose),
    dump: (query) => netfilter.dump(query),
    batch: (messages, purpose) => netfilter.batch(messages, purpose),
    usedBy: (operation) => netns.usedBy(operation),
    interfaces: () => interfaces(netns),
  })
})
