/** More than any provider stores in a description, pictures in the text aside. */
const MAX_TEXT_LENGTH = 1_000_000

// Zero-width characters, soft hyphens and direction marks, which editors leave inside links.
// biome-ignore lint/suspicious/noMisleadingCharacterClass: each of them is removed, wherever it stands
const INVISIBLE = /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]/g

const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  colon: ':',
  sol: '/',
  period: '.',
  quest: '?',
  equals: '=',
  num: '#',
  percnt: '%',
  commat: '@',
  hyphen: '-',
  dash: '-',
  lowbar: '_',
  excl: '!',
  shy: '',
  zwnj: '',
  zwj: '',
  zerowidthspace: '',
}

/** The text as a person sees it: without invisible characters, JSON's escaped slashes or the marks of quoted-printable, within bounds. */
export function repairText(text: string): string {
  return decodeQuotedPrintable(removeInvisible(text.slice(0, MAX_TEXT_LENGTH)).replaceAll('\\/', '/'))
}

/** Entities decoded, twice because calendars escape what was escaped. Only those with a semicolon: `&copy=1` is a parameter. */
export function decodeEntities(text: string): string {
  return removeInvisible(decodeEntitiesOnce(decodeEntitiesOnce(text)))
}

/** Addresses in angle brackets may be broken over lines (RFC 3986, appendix C); on lines of their own they cannot be taken for tags. */
export function openAngleBrackets(text: string): string {
  return text.replace(/<\s{0,10}(https?:\/\/[^<>]{1,8000})>/gi, (_match, address: string) => {
    const whole = address
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .join('')
    return `\n${whole}\n`
  })
}

/** The text with links that were broken at the end of a line joined again; null if there are none. Where to stop cannot be known, so it is a second try. */
export function joinBrokenLinks(text: string): string | null {
  const lines = text.split(/\r\n|\r|\n/)
  let joined = false
  const parts: string[] = []
  // Whether the word that the text so far ends with is a link that may go on.
  let isOpen = false
  for (const rawLine of lines) {
    // Replies quote line by line.
    const line = rawLine.replace(/^\s{0,4}(?:>\s?){1,10}/, '').trimEnd()
    const start = line.trimStart()
    if (isOpen && start !== '') {
      joined = true
      parts.push(start)
    } else {
      parts.push('\n', line)
    }
    const lastWord = line.slice(Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t')) + 1)
    const isOneWord = lastWord.length === start.length
    // A long line was broken where it was full, a short one only where it cannot have ended.
    isOpen = /https?:\/\//i.test(lastWord)
      ? line.length >= 40 || /[?&=]$/.test(line)
      : isOpen && isOneWord && start !== ''
  }
  return joined ? parts.join('') : null
}

function removeInvisible(text: string): string {
  return text.replace(INVISIBLE, '')
}

function decodeEntitiesOnce(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,14}));/gi, (match, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? match
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : match
  })
}

/** Only where both of its marks appear: a line may end in `=` without being quoted-printable. */
function decodeQuotedPrintable(text: string): string {
  if (!/=\r?\n/.test(text) || !/=3D/.test(text)) return text
  return text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-7][0-9A-F])/g, (_match, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}
