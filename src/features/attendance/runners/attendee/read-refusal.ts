import { cleanLine } from '../../../../base/text.ts'
import type { HttpResponse } from '../../../../platform/http/index.ts'
import { redactText } from '../../../../platform/observe/index.ts'

const MOST_WORDS = 300
const MOST_SCANNED = 16 * 1024
/** What names no field. */
const OF_THE_WHOLE = new Set(['error', 'detail', 'message', 'non_field_errors'])

/**
 * What a server says in an answer that is a refusal, on one line of at most 300 characters, without what looks like a secret and without
 * our key, which a server may repeat; null where it says nothing.
 */
export function readRefusal(answer: Pick<HttpResponse, 'text' | 'headers'>, apiKey: string): string | null {
  const text = answer.text().slice(0, MOST_SCANNED)
  const json = parse(text)
  const words = json === undefined ? (isPage(answer, text) ? wordsOfPage(text) : text) : wordsOf(json)
  const safe = redactText(words.replaceAll(apiKey, '…'))
  return cleanLine(safe, MOST_WORDS) || null
}

/** Django REST framework's forms: `{"error": "…"}`, `{"detail": "…"}`, `{"field": ["…"]}`, one inside the other: `field.part: …`. */
function wordsOf(json: unknown, field?: string): string {
  if (typeof json === 'string') return field === undefined ? json : `${field}: ${json}`
  if (Array.isArray(json)) return json.flatMap((item) => wordsOf(item, field) || []).join(' ')
  if (typeof json !== 'object' || json === null) return ''
  return Object.entries(json)
    .flatMap(([name, value]) => wordsOf(value, placeOf(name, field)) || [])
    .join(' ')
}

function placeOf(name: string, within: string | undefined): string | undefined {
  if (OF_THE_WHOLE.has(name) || name === within) return within
  return within === undefined ? name : `${within}.${name}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isPage({ headers }: Pick<HttpResponse, 'headers'>, text: string): boolean {
  return /html/i.test(headers.get('content-type') ?? '') || /^\s*</.test(text)
}

/** The visible words of a page, such as a proxy's own. */
function wordsOfPage(html: string): string {
  return html.replace(/<(script|style|title)\b[\s\S]*?<\/\1\s*>/gi, ' ').replace(/<[^>]*>/g, ' ')
}
