/** A map of many elements listed. */
import type { Netns } from 'netprim'
import { defineCase } from '../case.js'
import { numbered } from '../numbered.js'
import { countPublished, publish, publishedPort, withPortMap } from '../published-ports.js'

const count = 50_000

async function withElements(): Promise<Netns> {
  const netns = await withPortMap(count)
  await publish(netns, numbered(count, publishedPort))
  return netns
}

/** What takes seconds to make serves all rounds. */
let made: Promise<Netns> | undefined

export const nftList = defineCase({
  name: 'nft-list',
  title: 'element of a map of nftables listed with all others',
  count,
  manners: ['in one list'],
  rounds: 8,
  async prepare() {
    const netns = await (made ??= withElements())
    let listed = 0
    return {
      actions: { 'in one list': async () => void (listed = await countPublished(netns)) },
      done: () => listed,
    }
  },
})
