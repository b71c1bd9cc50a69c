/** Veth pairs made as a container gets them: this end up and in a bridge, the other made in another namespace. */
import { Bridge, Veth } from 'netprim'
import { defineCase } from '../case.js'
import { freshNetns } from '../fresh-netns.js'
import { askedTogether, awaitedInTurn } from '../manners.js'

const count = 100

export const vethCreateNetns = defineCase({
  name: 'veth-create-netns',
  title: 'veth pair created up and in a bridge, peer in another namespace',
  count,
  manners: ['in turn', 'together'],
  async prepare() {
    const netns = await freshNetns()
    const container = await freshNetns()
    const master = await Bridge.create({ netns, name: 'br0', up: true })
    const create = (at: number): Promise<Veth> =>
      Veth.create({ netns, name: `v${at}`, master, up: true, peer: { name: `p${at}`, netns: container } })
    return {
      'in turn': () => awaitedInTurn(count, create),
      together: () => askedTogether(count, create),
    }
  },
})
