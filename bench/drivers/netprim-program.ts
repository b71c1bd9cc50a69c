/** Program: does rounds of one case in one manner with netprim. A line on stdin asks for a round, its nanoseconds are the answer. */
import { createInterface } from 'node:readline'
import { cases } from '../cases/index.js'
import { emptyNamespaces } from '../fresh-netns.js'

const [caseName, manner = ''] = process.argv.slice(2)
const benchCase = cases.find(({ name }) => name === caseName)

async function round(): Promise<bigint> {
  const action = (await benchCase?.prepare())?.[manner]
  if (action === undefined) throw new Error(`no case '${String(caseName)}' with the manner '${manner}'`)
  const start = process.hrtime.bigint()
  await action()
  const taken = process.hrtime.bigint() - start
  await emptyNamespaces()
  return taken
}

async function main(): Promise<void> {
  for await (const _line of createInterface({ input: process.stdin })) console.log(String(await round()))
  // Without waiting for the namespaces' handles to be collected.
  process.exit()
}

void main()
