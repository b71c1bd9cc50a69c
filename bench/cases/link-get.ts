/** One link read by its index, again and again: what a round trip through netprim costs. */
import { Link, Veth } from 'netprim'
import { defineCase } from '../case.js'
import { floorLabel } from '../drivers/floor.js'
import { hopLabel } from '../drivers/hop.js'
import { emptyNamespaces, freshNetns } from '../fresh-netns.js'
import { askedTogether, awaitedInTurn } from '../manners.js'

const count = 1000

export const linkGet = defineCase({
  name: 'link-get',
  title: 'link read by its index',
  count,
  manners: ['in turn', 'together'],
  rounds: 20,
  // The least that a call can cost that shall not keep the JavaScript thread.
  sum: [floorLabel, hopLabel],
  async prepare() {
    const netns = await freshNetns()
    const { index } = await Veth.create({ netns, name: 'v0', peer: { name: 'p0' } })
    let found = 0
    async function get(): Promise<void> {
      if ((await Link.get(index, { netns })).name === 'v0') found++
    }
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, get),
        together: () => askedTogether(count, get),
      },
      done: () => found,
      clear: emptyNamespaces,
    }
  },
})
