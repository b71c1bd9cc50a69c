/** Veth pairs made with both ends in one namespace. */
import { Veth } from 'netprim'
import { defineCase } from '../case.js'
import { freshNetns } from '../fresh-netns.js'
import { askedTogether, awaitedInTurn } from '../manners.js'

const count = 100

export const vethCreate = defineCase({
  name: 'veth-create',
  title: 'veth pair created',
  count,
  manners: ['in turn', 'together'],
  async prepare() {
    const netns = await freshNetns()
    const create = (at: number): Promise<Veth> => Veth.create({ netns, name: `v${at}`, peer: { name: `p${at}` } })
    return {
      'in turn': () => awaitedInTurn(count, create),
      together: () => askedTogether(count, create),
    }
  },
})
