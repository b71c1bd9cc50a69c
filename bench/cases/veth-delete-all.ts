/** Veth pairs deleted together, which is one grace period for all. */
import { Link } from 'netprim'
import { defineCase } from '../case.js'
import { countPairs, vethPairs } from '../veth-pairs.js'

const count = 500

export const vethDeleteAll = defineCase({
  name: 'veth-delete-all',
  title: 'veth pair deleted with others',
  count,
  manners: ['together'],
  rounds: 8,
  async prepare() {
    const { netns, pairs } = await vethPairs(count)
    return {
      actions: { together: () => Link.deleteAll(pairs) },
      done: async () => count - (await countPairs(netns)),
    }
  },
})
