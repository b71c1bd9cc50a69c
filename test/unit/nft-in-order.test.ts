// Sorting step by step comes to what sorting at once does.
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { inOrder } from '../../lib/nft/in-order.js'
import { atOnce } from '../../lib/turns.js'

const orders = fc.oneof(
  fc.array(fc.nat(500), { minLength: 0, maxLength: 5000, size: 'max' }),
  fc.array(fc.string({ maxLength: 2 }), { minLength: 0, maxLength: 3000, size: 'max' }),
)

test('numbers and texts, and what is sorted by the same stays as it is', () => {
  fc.assert(
    fc.property(orders, (list) => {
      const items = list.map((order: number | string, item) => ({ order, item }))
      const sorted = [...items].sort((one, other) => (one.order < other.order ? -1 : one.order > other.order ? 1 : 0))
      expect(atOnce(inOrder(items))).toEqual(sorted)
    }),
    { numRuns: 30 },
  )
})

test('takes a step for each thousand, so that a long list keeps nobody waiting', () => {
  const items = Array.from({ length: 20_000 }, (_, at) => ({ order: (at * 7919) % 20_000, item: at }))
  expect(Array.from(inOrder(items)).length).toBeGreaterThan(100)
})
