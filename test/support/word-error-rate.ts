import { spellNumber, spellOrdinal } from './spell-number.ts'

const WAYS_OF_WRITING: readonly [RegExp, string][] = [
  [/\blet's\b/g, 'let us'],
  [/\bcan't\b/g, 'can not'],
  [/\bcannot\b/g, 'can not'],
  [/\b(every|any|some) (body|one|thing|where)\b/g, '$1$2'],
  [/\bwon't\b/g, 'will not'],
  [/n't\b/g, ' not'],
  [/'re\b/g, ' are'],
  [/'ve\b/g, ' have'],
  [/'ll\b/g, ' will'],
  [/\bi'm\b/g, 'i am'],
  [/\b(it|that|there|he|she|what|where|who)'s\b/g, '$1 is'],
]

/** The words of a text as they are compared: what is only a way of writing does not count as a mistake. */
export function wordsOf(text: string): string[] {
  let plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .replace(/(\d),(?=\d{3}\b)/g, '$1')
  for (const [pattern, words] of WAYS_OF_WRITING) plain = plain.replace(pattern, words)
  return plain
    .replace(/(\d+)(?:st|nd|rd|th)\b/g, (_, digits) => ` ${spellOrdinal(Number(digits))} `)
    .replace(/(\d)\.(?=\d)/g, '$1 point ')
    .replace(/\d+/g, (digits) => ` ${spellNumber(Number(digits))} `)
    .replace(/%/g, ' percent ')
    .replace(/&/g, ' and ')
    .replace(/'/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .split(' ')
    .filter((word) => word !== '')
    .map(toOneSpelling)
}

/** British and American spelling count as the same. */
function toOneSpelling(word: string): string {
  return word.replace(/^(.{3,})our(s|ed|ing|ite|able)?$/, '$1or$2').replace(/is(e|ed|es|ing|ation)$/, 'iz$1')
}

export interface WordErrors {
  /** Wrong, missing and added words. */
  errors: number
  /** Words that were really said. */
  words: number
}

/** How many words would have to be changed to make what was heard what was said. */
export function countWordErrors(said: string, heard: string): WordErrors {
  const [expected, actual] = [wordsOf(said), wordsOf(heard)]
  let row = Array.from({ length: actual.length + 1 }, (_, i) => i)
  for (const [i, word] of expected.entries()) {
    const next = [i + 1]
    for (const [j, other] of actual.entries()) {
      const replaced = (row[j] as number) + (word === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1))
    }
    row = next
  }
  return { errors: row.at(-1) as number, words: expected.length }
}

/** Word errors by words said, 0 for perfect; may exceed 1. */
export function wordErrorRate(said: string, heard: string): number {
  const { errors, words } = countWordErrors(said, heard)
  return words === 0 ? Number(errors > 0) : errors / words
}
