/** Elements of a map added in one transaction; to a map that says how large it may get, and to one that does not. */
import { defineCase, type Case } from '../case.js'
import { numbered } from '../numbered.js'
import { clearTable } from '../nft-table.js'
import { countPublished, publish, publishedPort, withPortMap } from '../published-ports.js'

const count = 10_000

function elementsCase(name: string, title: string, size?: number): Case {
  return defineCase({
    name,
    title,
    count,
    manners: ['in one transaction'],
    rounds: 10,
    async prepare() {
      const netns = await withPortMap(size)
      // Made ready before, as the text that nft reads is.
      const elements = numbered(count, publishedPort)
      return {
        actions: { 'in one transaction': () => publish(netns, elements) },
        done: () => countPublished(netns),
        clear: () => clearTable(netns),
      }
    },
  })
}

export const nftElements = elementsCase('nft-elements', 'element added to a map of nftables with others')
export const nftElementsSized = elementsCase(
  'nft-elements-sized',
  'element added with others to a map of nftables that is declared with its size',
  count,
)
