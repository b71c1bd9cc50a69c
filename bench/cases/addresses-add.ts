/** Addresses added to one link. */
import { defineCase } from '../case.js'
import { awaitedInTurn } from '../manners.js'
import { numbered, numberedAddress } from '../numbered.js'
import { subnetBridge } from '../subnet-bridge.js'

const count = 2000

export const addressesAdd = defineCase({
  name: 'addresses-add',
  title: 'address added',
  count,
  manners: ['in turn', 'together'],
  rounds: 15,
  async prepare() {
    const bridge = await subnetBridge()
    const { addresses } = bridge
    const address = (at: number): string => `${numberedAddress(at)}/32`
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, (at) => addresses.add(address(at))),
        together: () => addresses.add(numbered(count, address)),
      },
      done: async () => (await addresses.list({ family: 'ipv4' })).length - 1, // the bridge's first
      clear: () => bridge.delete(),
    }
  },
})
