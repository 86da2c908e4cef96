import type { LinkTexts } from '../../calendars/index.ts'
import { findAddresses, trimAddress } from './find-addresses.ts'
import { isHtml, readHtml } from './html-links.ts'
import { decodeEntities, joinBrokenLinks, openAngleBrackets, repairText } from './repair-text.ts'

type HostTest = (host: string) => boolean

/** Every address in an event's texts that may be a meeting link, most trusted first; the work is done as they are asked for. */
export function* findCandidates(texts: LinkTexts, isWorthReading: HostTest): Generator<string> {
  for (const text of [...texts.conferenceUrls, texts.location, texts.description, texts.title]) {
    if (text) yield* candidatesIn(text, isWorthReading)
  }
}

/** The targets of links come before the text, which may show something else or a part only. */
function* candidatesIn(raw: string, isWorthReading: HostTest): Generator<string> {
  const opened = openAngleBrackets(repairText(raw))
  let text: string
  if (isHtml(opened)) {
    const html = readHtml(opened)
    for (const href of html.hrefs) yield* candidatesInHref(href, isWorthReading)
    text = html.text
  } else {
    text = openAngleBrackets(decodeEntities(opened))
  }
  yield* findAddresses(text, isWorthReading)
  const joined = joinBrokenLinks(text)
  if (joined !== null) yield* findAddresses(joined, isWorthReading)
}

function* candidatesInHref(href: string, isWorthReading: HostTest): Generator<string> {
  const address = href.replace(/\s+/g, '')
  if (/^https?(?::|%3a)/i.test(address)) yield trimAddress(address, '')
  else if (address.startsWith('//')) yield trimAddress(`https:${address}`, '')
  // Another scheme, such as mailto: with a link in its body, is not a link to the meeting.
  else if (!/^[a-z][a-z0-9+-]*:(?!\d)/i.test(address)) yield* findAddresses(address, isWorthReading)
}
