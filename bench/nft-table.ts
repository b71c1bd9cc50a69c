/** The table `inet t` that the cases of nftables work on. */
import { nft, type Netns } from 'netprim'

export type Ruleset = Awaited<ReturnType<Netns['nft']['list']>>

export async function countRules(netns: Netns): Promise<number> {
  const { nftables } = await netns.nft.list({ family: 'inet', table: 't' })
  return nftables.filter((object) => 'rule' in object).length
}

/** Deletes the table, with all that is in it. */
export const clearTable = (netns: Netns): Promise<void> => netns.nft.apply([nft.delete(nft.table('inet', 't'))])
