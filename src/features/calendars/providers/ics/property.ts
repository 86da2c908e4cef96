import ICAL from 'ical.js'
import { decodeFeed } from './decode-feed.ts'

/** One property of a component, taken apart and with its escapes undone. */
export interface Property {
  /** Upper case. */
  name: string
  /** Keys in lower case. Of a parameter with several values the first. */
  params: ReadonlyMap<string, string>
  values: readonly string[]
}

/** Times and rules are left as written, because ours are the only readers that take a bad one for one bad value. */
const RAW_LIST = { defaultType: 'raw', multiValue: ',' }
const TEXT = { defaultType: 'text' }
const SYNTAX = {
  name: 'meeting',
  value: { text: ICAL.design.icalendar.value.text },
  param: ICAL.design.icalendar.param,
  property: Object.assign(Object.create(null), {
    exdate: RAW_LIST,
    rdate: RAW_LIST,
    uid: TEXT,
    summary: TEXT,
    description: TEXT,
    location: TEXT,
    name: TEXT,
    'x-wr-calname': TEXT,
    'x-alt-desc': TEXT,
  }),
  propertyGroups: false,
}

const NAME = /^([A-Za-z0-9-]+)[ \t]*(?=[:;])/
const TIME_PROPERTY = /^(DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE)$/

/** The name of the property on a line, in upper case; empty where the line is none. Some programs put blanks behind it. */
export function propertyNameOf(line: string): string {
  return NAME.exec(line)?.[1]?.toUpperCase() ?? ''
}

/** Takes a line apart; undefined if it is no property. */
export function parseProperty(line: string): Property | undefined {
  const name = propertyNameOf(line)
  if (name === '') return undefined
  try {
    const plain = line.replace(NAME, name)
    const [, params, , ...values] = ICAL.parse.property(
      TIME_PROPERTY.test(name) ? quoteZone(plain) : plain,
      SYNTAX as never,
    )
    const read = { name, params: readParams(params), values: values.flat().map(String) }
    return isQuotedPrintable(read) ? { ...read, values: read.values.map(decodeQuotedPrintable) } : read
  } catch {
    return undefined
  }
}

function readParams(params: Record<string, string | string[]>): Map<string, string> {
  return new Map(
    Object.entries(params).map(([key, value]) => [key, Array.isArray(value) ? (value[0] ?? '') : String(value)]),
  )
}

/** Outlook writes zones with colons and commas and forgets the quotes: `TZID=tzone://Microsoft/Utc:…`, `TZID=(UTC+01:00) Berlin, Bern:…`. */
function quoteZone(line: string): string {
  const at = line.toUpperCase().indexOf(';TZID=')
  if (at === -1 || line[at + 6] === '"') return line
  const colon = line.lastIndexOf(':')
  const rest = line.slice(at + 6, colon)
  const [zone = ''] = rest.split(';', 1)
  if (!/[:,]/.test(zone)) return line
  return `${line.slice(0, at)};TZID="${zone.replaceAll('"', '')}"${rest.slice(zone.length)}${line.slice(colon)}`
}

/** Old programs still write texts as vCalendar 1.0 did: `SUMMARY;ENCODING=QUOTED-PRINTABLE:f=C3=BCr`. */
function isQuotedPrintable({ params }: Property): boolean {
  return params.get('encoding')?.toUpperCase() === 'QUOTED-PRINTABLE'
}

function decodeQuotedPrintable(text: string): string {
  if (/[^\p{ASCII}]/u.test(text)) return text
  const bytes = Buffer.from(
    text.replace(/=([0-9a-f]{2})/gi, (_match, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  return decodeFeed(bytes)
}
