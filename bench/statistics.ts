/** The numbers that stand for many rounds. */

/** The least value that at least this share of the values does not exceed. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
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
