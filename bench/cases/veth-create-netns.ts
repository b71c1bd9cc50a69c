/** Veth pairs made as a container gets them: this end up and in a bridge, the other made in another namespace. */
import { Bridge, Veth } from 'netprim'
import { defineCase } from '../case.js'
import { emptyNamespaces, freshNetns } from '../fresh-netns.js'
import { askedTogether, awaitedInTurn } from '../manners.js'

const count = 100

export const vethCreateNetns = defineCase({
  name: 'veth-create-netns',
  title: 'veth pair created up and in a bridge, peer in another namespace',
  count,
  manners: ['in turn', 'together'],
  rounds: 20,
  async prepare() {
    const netns = await freshNetns()
    const container = await freshNetns()
    const master = await Bridge.create({ netns, name: 'br0', up: true })
    const create = (at: number): Promise<Veth> =>
      Veth.create({ netns, name: `v${at}`, master, up: true, peer: { name: `p${at}`, netns: container } })
    async function done(): Promise<number> {
      const here = (await netns.links.list({ master })).filter(({ up }) => up)
      const there = await container.links.list({ kind: 'veth' })
      return Math.min(here.length, there.length)
    }
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, create),
        together: () => askedTogether(count, create),
      },
      done,
      clear: emptyNamespaces,
    }
  },
})
