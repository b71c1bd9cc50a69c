/** Makes the veth pairs that a case is about to list or delete. */
import { Veth, type Netns } from 'netprim'
import { freshNetns } from './fresh-netns.js'
import { numbered } from './numbered.js'

export async function vethPairs(count: number): Promise<{ readonly netns: Netns; readonly pairs: Veth[] }> {
  const netns = await freshNetns()
  const pairs = await Promise.all(numbered(count, (at) => Veth.create({ netns, name: `v${at}`, peer: { name: `p${at}` } })))
  return { netns, pairs }
}

/** A namespace with so many links beside the loopback, and nothing in this process that holds them. */
export async function withLinks(count: number): Promise<Netns> {
  return (await vethPairs(count / 2)).netns
}

/** How many there are. */
export async function countPairs(netns: Netns): Promise<number> {
  return (await netns.links.list({ kind: 'veth' })).length / 2
}
