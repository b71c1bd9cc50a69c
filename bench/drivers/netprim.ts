/** The driver that measures netprim: a Node process for each manner of each case. */
import * as path from 'node:path'
import type { Driver } from '../driver.js'

const program = path.join(__dirname, 'netprim-program.js')

export const netprim: Driver = {
  name: 'netprim',
  commands: ({ name, manners }) =>
    manners.map((manner) => ({
      label: `netprim, ${manner}`,
      command: process.execPath,
      args: [program, name, manner],
      role: 'netprim' as const,
      isCompiled: true,
    })),
}
