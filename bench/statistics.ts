/** The numbers that stand for many rounds. */

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

/** The least value that at least this share of the values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = ascending(values)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

/** Of an even number of values, the middle between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

export function p95(values: readonly number[]): number {
  return quantile(values, 0.95)
}

export function p99(values: readonly number[]): number {
  return quantile(values, 0.99)
}

export function most(values: readonly number[]): number {
  return quantile(values, 1)
}
