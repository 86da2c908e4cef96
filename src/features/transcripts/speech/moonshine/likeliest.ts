interface Choice {
  token: number
  probability: number
}

/** The likeliest token of a row of logits, with its probability; `except` is passed over, but its chance still counts. */
export function likeliest(logits: Float32Array, except?: number): Choice {
  let token = -1
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i] as number
    if (value > highest && i !== except) {
      highest = value
      token = i
    }
  }
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] as number) - highest)
  return { token, probability: 1 / sum }
}
