/** Neighbouring fields of a header, each compared with a value, are loaded and compared at once. */
import type { ExpressionRecord } from './records.js'

/** The kernel compares up to four bytes in one step; what is longer may as well grow to a whole register. */
const maxStep = 4
const maxBytes = 16

interface Comparison {
  readonly load: ExpressionRecord
  readonly compare: ExpressionRecord
}

function comparisonAt(expressions: readonly ExpressionRecord[], at: number): Comparison | undefined {
  const load = expressions[at]
  const compare = expressions[at + 1]
  if (load?.name !== 'payload' || compare?.name !== 'cmp' || compare.op !== 'eq') return undefined
  const { data } = compare
  return data instanceof Uint8Array && data.length === load.len ? { load, compare } : undefined
}

function joined(first: Comparison, second: Comparison): Comparison | undefined {
  const len = Number(first.load.len) + Number(second.load.len)
  const isNext = first.load.base === second.load.base && Number(first.load.offset) + Number(first.load.len) === second.load.offset
  const losesStep = len > maxStep && Math.max(Number(first.load.len), Number(second.load.len)) <= maxStep
  if (!isNext || len > maxBytes || losesStep) return undefined
  const data = Buffer.concat([first.compare.data as Uint8Array, second.compare.data as Uint8Array])
  return { load: { ...first.load, len }, compare: { ...first.compare, data } }
}

/** The same rule with fewer loads. */
export function mergePayloads(expressions: readonly ExpressionRecord[]): readonly ExpressionRecord[] {
  const merged: ExpressionRecord[] = []
  for (let at = 0; at < expressions.length;) {
    const comparison = comparisonAt(expressions, at)
    const before = comparisonAt(merged, merged.length - 2)
    const both = comparison === undefined || before === undefined ? undefined : joined(before, comparison)
    if (both !== undefined) merged.splice(-2, 2, both.load, both.compare)
    else merged.push(...expressions.slice(at, at + (comparison === undefined ? 1 : 2)))
    at += comparison === undefined ? 1 : 2
  }
  return merged
}
