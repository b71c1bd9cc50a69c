/** Veth pairs deleted one by one: few, because the kernel waits for a grace period each time. */
import { defineCase } from '../case.js'
import { awaitedInTurn } from '../manners.js'
import { countPairs, vethPairs } from '../veth-pairs.js'

const count = 5

export const vethDelete = defineCase({
  name: 'veth-delete',
  title: 'veth pair deleted',
  count,
  manners: ['in turn'],
  rounds: 10,
  async prepare() {
    const { netns, pairs } = await vethPairs(count)
    return {
      actions: { 'in turn': () => awaitedInTurn(count, async (at) => pairs[at]?.delete()) },
      done: async () => count - (await countPairs(netns)),
    }
  },
})
