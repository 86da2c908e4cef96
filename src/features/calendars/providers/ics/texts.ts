import { cleanLine, truncateText } from '../../../../base/text.ts'
import type { LinkTexts } from '../../event.ts'
import type { Component } from './component.ts'

const MAX_DESCRIPTION_LENGTH = 100_000
const MAX_LOCATION_LENGTH = 2_000
const MAX_URL_LENGTH = 4_000
const MAX_URLS = 20

/** The conference properties in the order in which they are trusted. */
const CONFERENCE_PROPERTIES = [
  'CONFERENCE',
  'X-GOOGLE-CONFERENCE',
  'X-MICROSOFT-SKYPETEAMSMEETINGURL',
  'X-MICROSOFT-ONLINEMEETINGEXTERNALLINK',
]

/** Title, place, description and conference links, safe to store and cut to what can be stored. */
export function readTexts(component: Component): LinkTexts {
  const location = cleanLine(component.text('LOCATION'), MAX_LOCATION_LENGTH)
  return {
    conferenceUrls: readConferenceUrls(component, location),
    location,
    description: readDescription(component),
    title: cleanLine(component.text('SUMMARY')),
  }
}

function readConferenceUrls(component: Component, location: string): string[] {
  const properties = CONFERENCE_PROPERTIES.flatMap((name) => component.all(name))
  const urls = properties.map((property) => readUrl(property.values[0] ?? '')).filter((url) => url !== '')
  if (urls.length > 0) return [...new Set(urls)].slice(0, MAX_URLS)
  // URL often is the event's own web page: it counts only where no better place has a link.
  const url = readUrl(component.text('URL'))
  return url === '' || location.includes('://') ? [] : [url]
}

function readUrl(text: string): string {
  return text.length > MAX_URL_LENGTH ? '' : cleanLine(text, MAX_URL_LENGTH)
}

/** The plain description, then the HTML one of Outlook, in which alone a link may stand. */
function readDescription(component: Component): string {
  const plain = component.text('DESCRIPTION')
  const html = component.text('X-ALT-DESC')
  const both = html === '' || plain.includes(html) ? plain : plain === '' ? html : `${plain}\n\n${html}`
  return truncateText(cleanText(both), MAX_DESCRIPTION_LENGTH)
}

function cleanText(text: string): string {
  return text.toWellFormed().replace(/(?![\t\n\r])\p{Cc}/gu, '')
}
