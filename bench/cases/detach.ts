/** Containers taken out of a network that stays, with their published ports. */
import type { Endpoint } from 'netprim'
import { defineCase } from '../case.js'
import { attachNew, containerHost, countAttached, endHost } from '../container-host.js'
import { askedTogether, awaitedInTurn } from '../manners.js'
import { numbered } from '../numbered.js'

const count = 20

async function isAlone({ netns }: Endpoint): Promise<boolean> {
  return (await netns.links.list({ kind: 'veth' })).length === 0
}

export const detach = defineCase({
  name: 'detach',
  title: 'container detached',
  count,
  manners: ['in turn', 'together'],
  rounds: 10,
  async prepare() {
    const network = await containerHost()
    const containers = await Promise.all(numbered(count, (at) => attachNew(network, at)))
    const remove = async (at: number): Promise<void> => containers[at]?.detach()
    async function done(): Promise<number> {
      const alone = await Promise.all(containers.map(isAlone))
      return Math.min(count - (await countAttached(network)), alone.filter(Boolean).length)
    }
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, remove),
        together: () => askedTogether(count, remove),
      },
      done,
      clear: () => endHost(network),
    }
  },
})
