/** A table of many routes listed. */
import type { Netns } from 'netprim'
import { defineCase } from '../case.js'
import { countIterated } from '../manners.js'
import { numbered, numberedAddress } from '../numbered.js'
import { subnetBridge } from '../subnet-bridge.js'

const count = 100_000

async function withRoutes(): Promise<Netns> {
  const link = await subnetBridge()
  await link.netns.routes.add(numbered(count, (at) => ({ to: numberedAddress(at), via: '192.168.0.2', link })))
  return link.netns
}

/** What takes seconds to make serves all rounds. */
let made: Promise<Netns> | undefined

export const routesList = defineCase({
  name: 'routes-list',
  title: 'route listed with all others',
  count,
  manners: ['in one list', 'iterated'],
  rounds: 8,
  async prepare() {
    const { routes } = await (made ??= withRoutes())
    let listed = 0
    return {
      actions: {
        'in one list': async () => void (listed = (await routes.list({ family: 'ipv4' })).length),
        iterated: async () => void (listed = await countIterated(routes.iterate({ family: 'ipv4' }))),
      },
      done: () => listed - 1, // that of the subnet
    }
  },
})
