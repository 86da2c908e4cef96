/** The text with at most `maxLength` UTF-16 units, never cut inside a character; an ellipsis marks the cut. */
export function truncateText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  let end = maxLength - 1
  const code = text.charCodeAt(end - 1)
  if (code >= 0xd800 && code <= 0xdbff) end -= 1
  return `${text.slice(0, end)}…`
}

// Control characters, and the marks that reorder text, with which a title could rewrite the sentence around it.
const UNSAFE = /[\p{Cc}\u200b\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** Text from outside made safe to store and show: no control characters, lone surrogates or direction overrides, on one line, trimmed and cut. */
export function cleanLine(text: string, maxLength = 500): string {
  const oneLine = text.toWellFormed().replace(/\s+/g, ' ').replace(UNSAFE, '').trim()
  return truncateText(oneLine, maxLength)
}

/** An e-mail address in the form we compare: without `mailto:`, spaces and capitals; undefined if it is none. */
export function normaliseEmail(text: string): string | undefined {
  const address = text
    .trim()
    .replace(/^mailto:/i, '')
    .trim()
    .toLowerCase()
  return /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+$/.test(address) && address.length <= 254 ? address : undefined
}

/** "1 event", "2 events", "1,204 events". */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`
}
