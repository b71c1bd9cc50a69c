/** Memory that handles take while a program holds them. */
import type { Link, Netns } from 'netprim'
import { defineCase } from '../case.js'
import { freshNetns } from '../fresh-netns.js'
import { askedTogether } from '../manners.js'
import { bytesEach, collectedMemory } from '../memory.js'
import { withLinks } from '../veth-pairs.js'

const manyLinks = 5000

/** What takes seconds to make serves all rounds. */
let made: Promise<Netns> | undefined
/** Of all rounds: memory that one has freed would be another's before it is asked of the system. */
const held: Link[][] = []

export const linkHandleMemory = defineCase({
  name: 'handle-memory-link',
  title: 'Link handle got from a list and held',
  count: manyLinks,
  manners: ['in one list'],
  rounds: 5,
  async prepare() {
    const { links } = await (made ??= withLinks(manyLinks))
    let listed: Link[] = []
    const before = collectedMemory()
    return {
      actions: { 'in one list': async () => (listed = await links.list({ kind: 'veth' })) },
      done: () => listed.length,
      figures() {
        held.push(listed)
        return bytesEach(before, collectedMemory(), manyLinks)
      },
    }
  },
})

const manyNamespaces = 200

export const netnsHandleMemory = defineCase({
  name: 'handle-memory-netns',
  title: 'Netns handle created and held',
  count: manyNamespaces,
  manners: ['together'],
  rounds: 5,
  async prepare() {
    const namespaces: Netns[] = []
    const before = collectedMemory()
    return {
      actions: { together: () => askedTogether(manyNamespaces, async () => namespaces.push(await freshNetns())) },
      done: () => namespaces.length,
      figures: () => bytesEach(before, collectedMemory(), manyNamespaces),
    }
  },
})
