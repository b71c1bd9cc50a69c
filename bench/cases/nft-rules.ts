/** Rules added to a chain in one transaction. */
import { nft, type NftObject } from 'netprim'
import { defineCase } from '../case.js'
import { freshNetns } from '../fresh-netns.js'
import { clearTable, countRules } from '../nft-table.js'
import { numbered, numberedAddress } from '../numbered.js'

const count = 1000

const rule = (at: number): NftObject =>
  nft.rule('inet', 't', 'c', [nft.match('ip saddr', numberedAddress(at)), nft.match('tcp dport', 1 + at), nft.accept()])

export const nftRules = defineCase({
  name: 'nft-rules',
  title: 'rule of nftables added with others',
  count,
  manners: ['in one transaction'],
  rounds: 10,
  async prepare() {
    const netns = await freshNetns()
    await netns.nft.apply([nft.table('inet', 't'), nft.chain('inet', 't', 'c')])
    // Made ready before, as the text that nft reads is.
    const rules = numbered(count, rule)
    return {
      actions: { 'in one transaction': () => netns.nft.apply(rules) },
      done: () => countRules(netns),
      clear: () => clearTable(netns),
    }
  },
})
