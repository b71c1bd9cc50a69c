// The tutorial of examples/: every step's observations hold, in order, and its world is gone afterwards.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { Netns } from 'netprim'
import { endWorld, makeWorld, steps } from '../../examples/tutorial.js'

const machine = Netns.current()
let world: Awaited<ReturnType<typeof makeWorld>>
let before: unknown
const say = jest.spyOn(console, 'log').mockImplementation(() => undefined)

async function linksAndRules(): Promise<unknown> {
  return [(await machine.links.list()).map(({ record }) => record), await machine.routes.list(), await machine.nft.list()]
}

beforeAll(async () => {
  before = await linksAndRules()
  world = await makeWorld()
})
afterAll(async () => {
  say.mockRestore()
  await endWorld(world)
})

// Each goes on where the one before it has stopped.
test.each(steps.map((step) => [step.name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`), step] as const))(
  '%s',
  async (_name, step) => {
    say.mockClear()
    await step(world)
    expect(say.mock.calls).toEqual([[expect.stringMatching(/^- [A-Z].*\.$/)]])
  },
  30_000,
)

test('the machine’s own namespace is as it was', async () => {
  expect(await linksAndRules()).toEqual(before)
})
