/** Containers attached to a network that is there, each with a namespace that is made for it and a published port. */
import type { Endpoint } from 'netprim'
import { defineCase } from '../case.js'
import { attachNew, containerHost, countAttached, endHost, isConnected } from '../container-host.js'
import { askedTogether, awaitedInTurn } from '../manners.js'

const count = 20

export const attach = defineCase({
  name: 'attach',
  title: 'container attached: namespace, link, address, route, published port',
  count,
  manners: ['in turn', 'together'],
  rounds: 10,
  async prepare() {
    const network = await containerHost()
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
      },
      done,
      clear: () => endHost(network),
    }
  },
})
