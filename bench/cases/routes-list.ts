/** A table of many routes listed. */
import type { Netns } from 'netprim'
import { defineCase } from '../case.js'
import { countIterated } from '../manners.js'
import { withRoutes } from '../subnet-bridge.js'

const count = 100_000

/** What takes seconds to make serves all rounds. */
let made: Promise<Netns> | undefined

export const routesList = defineCase({
  name: 'routes-list',
  title: 'route listed with all others',
  count,
  manners: ['in one list', 'iterated'],
  rounds: 8,
  async prepare() {
    const { routes } = await (made ??= withRoutes(count))
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
