/** A fresh process that reads one link: from its start until its end. */
import * as path from 'node:path'
import { defineCase } from '../case.js'
import { freshNetns } from '../fresh-netns.js'
import { runInside } from '../peers/run-inside.js'

const program = path.join(__dirname, '../cold-start/get-lo.mjs')

export const coldStart = defineCase({
  name: 'cold-start',
  title: 'fresh process that reads one link and ends',
  count: 1,
  manners: ['imported'],
  rounds: 15,
  elsewhere: true,
  async prepare() {
    const netns = await freshNetns()
    return {
      // It fails unless the program has found what it asked for.
      actions: { imported: async () => runInside(netns, process.execPath, [program]) },
      done: () => 1,
    }
  },
})
