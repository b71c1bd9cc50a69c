/** Elements of a map added in one transaction. */
import { defineCase } from '../case.js'
import { numbered } from '../numbered.js'
import { clearTable, countPublished, publish, publishedPort, withPortMap } from '../published-ports.js'

const count = 10_000

export const nftElements = defineCase({
  name: 'nft-elements',
  title: 'element added to a map of nftables with others',
  count,
  manners: ['in one transaction'],
  rounds: 10,
  async prepare() {
    const netns = await withPortMap()
    // Made ready before, as the text that nft reads is.
    const elements = numbered(count, publishedPort)
    return {
      actions: { 'in one transaction': () => publish(netns, elements) },
      done: () => countPublished(netns),
      clear: () => clearTable(netns),
    }
  },
})
