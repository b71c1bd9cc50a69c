/** A thousand containers in one bridge, from one process: whether the last cost as little as the first. */
import { defineCase } from '../case.js'
import { attachNew, containerHost, countAttached, endHost } from '../container-host.js'
import { askedTogether } from '../manners.js'

const count = 1000
const groupSize = 50
/** Groups that are looked at apart, at the beginning and at the end. */
const edge = 2

function microsecondsEach(groups: readonly bigint[]): number {
  return Number(groups.reduce((sum, nanoseconds) => sum + nanoseconds, 0n)) / 1000 / (groups.length * groupSize)
}

export const attach1000 = defineCase({
  name: 'attach-1000',
  title: 'container attached to a network that gets large',
  count,
  manners: ['50 together'],
  rounds: 3,
  async prepare() {
    const network = await containerHost()
    const groups: bigint[] = []
    async function attachAll(): Promise<void> {
      for (let first = 0; first < count; first += groupSize) {
        const start = process.hrtime.bigint()
        await askedTogether(groupSize, (at) => attachNew(network, first + at))
        groups.push(process.hrtime.bigint() - start)
      }
    }
    return {
      actions: { '50 together': attachAll },
      done: () => countAttached(network),
      clear: () => endHost(network),
      figures() {
        const [first, last] = [microsecondsEach(groups.slice(0, edge)), microsecondsEach(groups.slice(-edge))]
        return { 'first 100, µs each': first, 'last 100, µs each': last, 'last / first': last / first }
      },
    }
  },
})
