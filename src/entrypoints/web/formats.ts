import { MINUTE_MS } from '../../base/time.ts'

// Days and months in English, the clock with 24 hours: what is unambiguous wherever it is read.
const LOCALE = 'en-GB'
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([zone, options])
  const known = formats.get(key)
  if (known) return known
  const format = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone })
  // Zones come from readers; their number is bounded, that of their spellings less so.
  if (formats.size < 1_000) formats.set(key, format)
  return format
}

/** 09:00 */
export function clockTime(at: Date, zone: string): string {
  return formatOf(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
}

/** Mon 23 Nov */
export function shortDay(at: Date, zone: string): string {
  const weekday = formatOf(zone, { weekday: 'short' }).format(at)
  return `${weekday} ${formatOf(zone, { day: 'numeric', month: 'short' }).format(at)}`
}

/** Mon 23 Nov, 09:00 */
export function dayAndTime(at: Date, zone: string): string {
  return `${shortDay(at, zone)}, ${clockTime(at, zone)}`
}

/** Monday, 23 November 2026, of a day written YYYY-MM-DD. */
export function longDay(day: string): string {
  const at = new Date(`${day}T00:00:00Z`)
  const weekday = formatOf('UTC', { weekday: 'long' }).format(at)
  return `${weekday}, ${formatOf('UTC', { day: 'numeric', month: 'long', year: 'numeric' }).format(at)}`
}

/** 48 min, 1 h 05 */
export function duration(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS)
  if (minutes < 60) return `${minutes} min`
  return minutes % 60 === 0
    ? `${minutes / 60} h`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`
}

/** How long ago or in how long, for times within a day of now; null beyond, where the date says more. */
export function distance(at: Date, now: Date): string | null {
  const minutes = Math.round((at.getTime() - now.getTime()) / MINUTE_MS)
  const size = Math.abs(minutes)
  if (size >= 24 * 60) return null
  if (size < 1) return 'now'
  const text = size < 60 ? `${size} min` : `${Math.floor(size / 60)} h`
  return minutes < 0 ? `${text} ago` : `in ${text}`
}

/** A time from the start of a recording: 12:34, from an hour on 1:02:03. */
export function stamp(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  const rest = two(seconds % 60)
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The first characters of a name's first and last word, whatever script it is written in. */
export function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}\p{M}]+/u).filter((word) => word !== '')
  const first = (word: string | undefined) => [...characters.segment(word ?? '')][0]?.segment.toUpperCase() ?? ''
  return words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0]) || '?'
}
