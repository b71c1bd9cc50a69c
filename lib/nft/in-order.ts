/** Sorting step by step, for lists that would keep the event loop waiting. */

/** An item, and what it is sorted by: of all the same, text or number. */
export interface Ordered<Item> {
  readonly item: Item
  readonly order: number | string
}

/** Items that are sorted, or moved, in one step. */
const stepLength = 1000

function compare(one: Ordered<unknown>, other: Ordered<unknown>): number {
  return one.order < other.order ? -1 : one.order > other.order ? 1 : 0
}

function* merged<Item>(left: readonly Ordered<Item>[], right: readonly Ordered<Item>[]): Generator<undefined, readonly Ordered<Item>[]> {
  const all: Ordered<Item>[] = []
  for (let [at, other] = [0, 0]; at < left.length || other < right.length;) {
    const [one, two] = [left[at], right[other]]
    const isLeft = one !== undefined && (two === undefined || compare(one, two) <= 0)
    all.push((isLeft ? one : two) as Ordered<Item>)
    if (isLeft) at++
    else other++
    if (all.length % stepLength === 0) yield
  }
  return all
}

/** Puts them in order; those that are sorted by the same stay as they are. */
export function* inOrder<Item>(items: readonly Ordered<Item>[]): Generator<undefined, readonly Ordered<Item>[]> {
  let runs: (readonly Ordered<Item>[])[] = []
  for (let at = 0; at < items.length; at += stepLength) {
    runs.push(items.slice(at, at + stepLength).sort(compare))
    yield
  }
  while (runs.length > 1) {
    const longer: (readonly Ordered<Item>[])[] = []
    for (let at = 0; at < runs.length; at += 2) longer.push(yield* merged(runs[at] ?? [], runs[at + 1] ?? []))
    runs = longer
  }
  return runs[0] ?? []
}
