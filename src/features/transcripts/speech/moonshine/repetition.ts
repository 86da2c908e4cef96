const LONGEST_PERIOD = 24
const FEWEST_REPEATED_TOKENS = 12

/**
 * Where a sequence that goes round in circles should be cut: after the first round. Undefined while it does not. A word said four times
 * is speech; the same words over and over, with nothing else between, is a decoder that lost its way.
 */
export function findRepetition(tokens: readonly number[]): number | undefined {
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    const rounds = Math.max(4, Math.ceil(FEWEST_REPEATED_TOKENS / period))
    const from = tokens.length - period * rounds
    if (from >= 0 && isPeriodic(tokens, from, period)) return from + period
  }
  return undefined
}

function isPeriodic(tokens: readonly number[], from: number, period: number): boolean {
  for (let i = from + period; i < tokens.length; i++) if (tokens[i] !== tokens[i - period]) return false
  return true
}
