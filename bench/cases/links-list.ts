/** A namespace of many links listed. */
import type { Netns } from 'netprim'
import { defineCase } from '../case.js'
import { countIterated } from '../manners.js'
import { withLinks } from '../veth-pairs.js'

const count = 10_000

/** What takes seconds to make serves all rounds. */
let made: Promise<Netns> | undefined

export const linksList = defineCase({
  name: 'links-list',
  title: 'link listed with all others',
  count,
  manners: ['in one list', 'iterated'],
  rounds: 8,
  async prepare() {
    const { links } = await (made ??= withLinks(count))
    let listed = 0
    return {
      actions: {
        'in one list': async () => void (listed = (await links.list()).length),
        iterated: async () => void (listed = await countIterated(links.iterate())),
      },
      done: () => listed - 1, // the loopback
    }
  },
})
