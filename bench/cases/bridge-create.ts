/** Bridges made. */
import { Bridge, Link } from 'netprim'
import { defineCase } from '../case.js'
import { freshNetns } from '../fresh-netns.js'
import { askedTogether, awaitedInTurn } from '../manners.js'

const count = 20

export const bridgeCreate = defineCase({
  name: 'bridge-create',
  title: 'bridge created',
  count,
  manners: ['in turn', 'together'],
  rounds: 20,
  async prepare() {
    const netns = await freshNetns()
    const create = (at: number): Promise<Bridge> => Bridge.create({ netns, name: `b${at}` })
    const bridges = (): Promise<Link[]> => netns.links.list({ kind: 'bridge' })
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, create),
        together: () => askedTogether(count, create),
      },
      done: async () => (await bridges()).length,
      clear: async () => Link.deleteAll(await bridges()),
    }
  },
})
