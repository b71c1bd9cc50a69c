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
    return {
      actions: { 'in one transaction': () => publish(netns, numbered(count, publishedPort)) },
      done: () => countPublished(netns),
      clear: () => clearTable(netns),
    }
  },
})
