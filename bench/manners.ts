/** The ways to ask for many operations, each awaited before the next is asked for or all together, and to take what comes one by one. */

type Operation = (at: number) => Promise<unknown>

export async function awaitedInTurn(count: number, operation: Operation): Promise<void> {
  for (let at = 0; at < count; at++) await operation(at)
}

export async function askedTogether(count: number, operation: Operation): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, at) => operation(at)))
}

export async function countIterated(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _item of items) count++
  return count
}
