/** A map of published ports in nftables, as the cases of elements fill it. */
import { nft, type Netns, type NftSetElement } from 'netprim'
import { freshNetns } from './fresh-netns.js'
import type { Ruleset } from './nft-table.js'
import { numberedAddress } from './numbered.js'

export const publishedPort = (at: number): NftSetElement => [nft.concat('tcp', 1024 + at), nft.concat(numberedAddress(at), 80)]

/** @param size - how many elements the map is declared to have at most; undefined for one that is not */
export async function withPortMap(size?: number): Promise<Netns> {
  const netns = await freshNetns()
  const types = { type: ['inet_proto', 'inet_service'], map: 'ipv4_addr . inet_service' }
  await netns.nft.apply([nft.table('inet', 't'), nft.map('inet', 't', 'm', { ...types, ...(size !== undefined && { size }) })])
  return netns
}

export const publish = (netns: Netns, elements: readonly NftSetElement[]): Promise<void> =>
  netns.nft.apply([nft.element('inet', 't', 'm', elements)])

export const countPublished = async (netns: Netns): Promise<number> =>
  elementsIn(await netns.nft.list({ family: 'inet', table: 't', map: 'm' }))

/** How many elements a ruleset tells of. */
export function elementsIn({ nftables }: Ruleset): number {
  return nftables.reduce(
    (sum, object) => sum + ('map' in object ? ((object.map.elem as readonly unknown[] | undefined)?.length ?? 0) : 0),
    0,
  )
}
