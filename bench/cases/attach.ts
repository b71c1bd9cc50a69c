/** Containers attached to a network that is there, each with a published port, and a namespace that is made for it or was kept ready. */
import type { Endpoint } from 'netprim'
import { defineCase } from '../case.js'
import { attachNew, containerHost, countAttached, endHost, isConnected } from '../container-host.js'
import { askedTogether, awaitedInTurn } from '../manners.js'

const count = 20
/** As many as a round takes are ready; new ones are made when it is over. */
const pooled = 'in turn, of a pool'

export const attach = defineCase({
  name: 'attach',
  title: 'container attached: namespace, link, address, route, published port',
  count,
  manners: ['in turn', 'together', pooled],
  rounds: 10,
  async prepare(manner) {
    const network = await containerHost(manner === pooled ? count : 0)
    const containers: Endpoint[] = []
    const add = async (at: number): Promise<void> => void containers.push(await attachNew(network, at))
    async function done(): Promise<number> {
      const connected = await Promise.all(containers.map(isConnected))
      return Math.min(await countAttached(network), connected.filter(Boolean).length)
    }
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, add),
        together: () => askedTogether(count, add),
        [pooled]: () => awaitedInTurn(count, add),
      },
      done,
      clear: () => endHost(network),
    }
  },
})
