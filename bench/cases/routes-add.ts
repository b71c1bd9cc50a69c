/** Routes added to a table of nearly none. */
import { defineCase } from '../case.js'
import { countIterated } from '../manners.js'
import { numberedAddress, streamed } from '../numbered.js'
import { subnetBridge } from '../subnet-bridge.js'

const count = 100_000

export const routesAdd = defineCase({
  name: 'routes-add',
  title: 'route added',
  count,
  manners: ['together'],
  rounds: 5,
  async prepare() {
    const bridge = await subnetBridge()
    const { routes } = bridge.netns
    const add = (): Promise<void> => routes.add(streamed(count, (at) => ({ to: numberedAddress(at), via: '192.168.0.2', link: bridge })))
    return {
      actions: { together: add },
      // But for that of the subnet; and without a list, the garbage of which would be the next round's.
      done: async () => (await countIterated(routes.iterate({ family: 'ipv4' }))) - 1,
      clear: () => bridge.delete(),
    }
  },
})
