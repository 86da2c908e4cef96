/** One measured number, with what was expected of it where something was. */
export interface Figure {
  name: string
  value: number
  unit: string
  /** Such as "≤ 5"; empty for a figure that is only reported, such as the yardstick. */
  expected: string
  met: boolean | null
}

export interface BenchContext {
  /** The long run. */
  full: boolean
  /** Progress, for people. */
  note(line: string): void
}

export interface Bench {
  name: string
  about: string
  run(context: BenchContext): Promise<Figure[]>
}

export function reported(name: string, value: number, unit: string): Figure {
  return { name, value: round(value), unit, expected: '', met: null }
}

/** A figure that is expected to be at most `limit`. */
export function atMost(name: string, value: number, unit: string, limit: number): Figure {
  return { name, value: round(value), unit, expected: `≤ ${limit}`, met: value <= limit }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}

/** The value below which a share of the sample lies. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5)
}

/** How long something took, in milliseconds, with what it answered. */
export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const began = performance.now()
  const result = await work()
  return { ms: performance.now() - began, result }
}
