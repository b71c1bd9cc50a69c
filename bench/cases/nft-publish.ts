/** One more element, in a transaction of its own, for a map that has many: what publishing a port on a busy host costs. */
import { defineCase } from '../case.js'
import { awaitedInTurn } from '../manners.js'
import { numbered } from '../numbered.js'
import { clearTable } from '../nft-table.js'
import { countPublished, publish, publishedPort, withPortMap } from '../published-ports.js'

const count = 20
const before = 10_000

export const nftPublish = defineCase({
  name: 'nft-publish',
  title: 'element added to a map of 10,000, in a transaction of its own',
  count,
  manners: ['in turn'],
  rounds: 10,
  async prepare() {
    const netns = await withPortMap()
    await publish(netns, numbered(before, publishedPort))
    return {
      actions: { 'in turn': () => awaitedInTurn(count, (at) => publish(netns, [publishedPort(before + at)])) },
      done: async () => (await countPublished(netns)) - before,
      clear: () => clearTable(netns),
    }
  },
})
