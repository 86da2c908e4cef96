import llamaTokenizer from 'llama-tokenizer-js'

export const START_TOKEN = 1
export const END_TOKEN = 2

// Moonshine's vocabulary is Llama's with 768 further tokens behind it, which mean no text.
const TEXT_TOKENS = 32_000

/** The text that tokens stand for. */
export function decodeTokens(tokens: readonly number[]): string {
  const ofText = tokens.filter((token) => token > END_TOKEN && token < TEXT_TOKENS)
  return llamaTokenizer.decode(ofText, false, false).replace(/\s+/g, ' ').trim()
}
