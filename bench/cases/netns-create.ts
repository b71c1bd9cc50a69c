/** Namespaces made, without names. */
import type { Netns } from 'netprim'
import { defineCase } from '../case.js'
import { freshNetns } from '../fresh-netns.js'
import { askedTogether, awaitedInTurn } from '../manners.js'

const count = 50

export const netnsCreate = defineCase({
  name: 'netns-create',
  title: 'network namespace created',
  count,
  manners: ['in turn', 'together'],
  rounds: 20,
  async prepare() {
    const made: Netns[] = []
    const create = async (): Promise<void> => void made.push(await freshNetns())
    return {
      actions: {
        'in turn': () => awaitedInTurn(count, create),
        together: () => askedTogether(count, create),
      },
      done: () => new Set(made.map(({ inode }) => inode)).size,
    }
  },
})
