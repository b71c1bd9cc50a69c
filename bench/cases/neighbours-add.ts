/** Neighbours added that stay. */
import type { NeighbourOptions } from 'netprim'
import { defineCase } from '../case.js'
import { awaitedInTurn } from '../manners.js'
import { numbered, numberedMac, numberedNeighbour } from '../numbered.js'
import { subnetBridge } from '../subnet-bridge.js'

const count = 5000

export const neighboursAdd = defineCase({
  name: 'neighbours-add',
  title: 'neighbour added',
  count,
  manners: ['in turn', 'together'],
  rounds: 12,
  async prepare() {
    const bridge = await subnetBridge()
    const { neighbours } = bridge.netns
    const neighbour = (at: number): NeighbourOptions => ({ address: numberedNeighbour(at), mac: numberedMac(at), link: bridge })
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, (at) => neighbours.add(neighbour(at))),
        together: () => neighbours.add(numbered(count, neighbour)),
      },
      done: async () => (await neighbours.list()).filter(({ state }) => state === 'permanent').length,
      clear: () => bridge.delete(),
    }
  },
})
