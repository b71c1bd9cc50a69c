/** Veth pairs made with both ends in one namespace. */
import { Veth } from 'netprim'
import { defineCase } from '../case.js'
import { emptyNamespaces, freshNetns } from '../fresh-netns.js'
import { askedTogether, awaitedInTurn } from '../manners.js'
import { countPairs } from '../veth-pairs.js'

const count = 100

export const vethCreate = defineCase({
  name: 'veth-create',
  title: 'veth pair created',
  count,
  manners: ['in turn', 'together'],
  rounds: 20,
  async prepare() {
    const netns = await freshNetns()
    const create = (at: number): Promise<Veth> => Veth.create({ netns, name: `v${at}`, peer: { name: `p${at}` } })
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, create),
        together: () => askedTogether(count, create),
      },
      done: () => countPairs(netns),
      clear: emptyNamespaces,
    }
  },
})
