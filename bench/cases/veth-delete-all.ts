/** Veth pairs deleted together, which is one grace period for all. */
import { Link } from 'netprim'
import { defineCase } from '../case.js'
import { vethPairs } from '../veth-pairs.js'

const count = 200

export const vethDeleteAll = defineCase({
  name: 'veth-delete-all',
  title: 'veth pair deleted with others',
  count,
  manners: ['together'],
  async prepare() {
    const pairs = await vethPairs(count)
    return { together: () => Link.deleteAll(pairs) }
  },
})
