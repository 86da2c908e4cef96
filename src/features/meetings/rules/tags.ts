/** Tags of one event at most; nobody writes more by hand. */
const MAX_TAGS = 50
const MAX_TAG_LENGTH = 40

const TAG = /(?<![\p{L}\p{N}_&])#[\p{L}\p{N}_]+/gu
// HTML is full of #ff6600 and #123.
const COLOUR_OR_NUMBER = /^#[0-9a-f]+$/

/** The words with # in some texts, lower case, each once, in the order of the alphabet. */
export function findTags(texts: readonly string[]): string[] {
  const tags = new Set<string>()
  for (const text of texts) {
    for (const [word] of text.matchAll(TAG)) {
      const tag = word.toLowerCase()
      if (isTag(tag)) tags.add(tag)
      if (tags.size === MAX_TAGS) return [...tags].sort()
    }
  }
  return [...tags].sort()
}

/** Whether `findTags` can find this word: # and letters, digits or _, and not only what a colour is made of. */
export function isTag(word: string): boolean {
  return word.length <= MAX_TAG_LENGTH && /^#[\p{L}\p{N}_]+$/u.test(word) && !COLOUR_OR_NUMBER.test(word)
}
