/** Veth pairs deleted one by one: few, because the kernel waits for a grace period each time. */
import { defineCase } from '../case.js'
import { awaitedInTurn } from '../manners.js'
import { vethPairs } from '../veth-pairs.js'

const count = 5

export const vethDelete = defineCase({
  name: 'veth-delete',
  title: 'veth pair deleted',
  count,
  manners: ['in turn'],
  async prepare() {
    const pairs = await vethPairs(count)
    return { 'in turn': () => awaitedInTurn(count, async (at) => pairs[at]?.delete()) }
  },
})
