import type { LinkTexts } from '../../calendars/index.ts'
import { findAddresses, trimAddress } from './find-addresses.ts'
import { isHtml, readHtml } from './html-links.ts'
import { decodeEntities, joinBrokenLinks, openAngleBrackets, repairText } from './repair-text.ts'

type HostTest = (host: string) => boolean

/** An address that may be a meeting link, with what the text around it says of it. */
export interface Candidate {
  address: string
  /** Put together from several lines, of which the last may have been one too many. */
  isJoined: boolean
  /** Called old, or not to be used, by the words before it. */
  isDisowned: boolean
}

/** Of locations and titles Outlook and others keep 255 characters: what is exactly as long was longer. */
const CUT_LENGTH = 255

/** Every address in an event's texts that may be a meeting link, most trusted first; the work is done as they are asked for. */
export function* findCandidates(texts: LinkTexts, isWorthReading: HostTest): Generator<Candidate> {
  for (const text of textsByTrust(texts)) {
    if (text) yield* candidatesIn(text, isWorthReading)
  }
}

/** What a person reads in an event's texts, without the targets of links; done anew at each call. */
export function readableTexts(texts: LinkTexts): string[] {
  return textsByTrust(texts).map((raw) => divide(raw).text)
}

function textsByTrust({ conferenceUrls, location, description, title }: LinkTexts): string[] {
  return [...conferenceUrls, markCut(location), description, markCut(title)]
}

function markCut(text: string): string {
  return text.length === CUT_LENGTH ? `${text}…` : text
}

function divide(raw: string): { hrefs: string[]; text: string } {
  const opened = openAngleBrackets(repairText(raw))
  return isHtml(opened) ? readHtml(opened) : { hrefs: [], text: openAngleBrackets(decodeEntities(opened)) }
}

/** The targets of links come before the text, which may show something else or a part only. */
function* candidatesIn(raw: string, isWorthReading: HostTest): Generator<Candidate> {
  const { hrefs, text } = divide(raw)
  for (const href of hrefs) {
    for (const address of addressesOfHref(href, isWorthReading)) yield { address, isJoined: false, isDisowned: false }
  }
  for (const { address, before } of findAddresses(text, isWorthReading)) {
    yield { address, isJoined: false, isDisowned: disowns(before) }
  }
  const joined = joinBrokenLinks(text)
  if (joined === null) return
  for (const { address, before } of findAddresses(joined, isWorthReading)) {
    yield { address, isJoined: true, isDisowned: disowns(before) }
  }
}

function* addressesOfHref(href: string, isWorthReading: HostTest): Generator<string> {
  const address = href.replace(/\s+/g, '')
  if (/^(?:https?(?::|%3a)|(?:zoommtg|zoomus|ms-?teams):)/i.test(address)) yield trimAddress(address, '')
  else if (address.startsWith('//')) yield trimAddress(`https:${address}`, '')
  // Another scheme, such as mailto: with a link in its body, is not a link to the meeting.
  else if (!/^[a-z][a-z0-9+-]*:(?!\d)/i.test(address)) {
    for (const found of findAddresses(address, isWorthReading)) yield found.address
  }
}

const DISOWNING =
  /(?:\b(?:old|previous|former|outdated|expired)\s+(?:\p{L}+\s+)?(?:link|url|meeting|room|call|invite|zoom|teams)|do not use|don['’]t use|no longer (?:valid|used)|alter (?:link|raum)|nicht mehr (?:benutzen|verwenden|gültig)|nicht (?:benutzen|verwenden)|ancien lien|ne pas utiliser|enlace (?:antiguo|anterior)|no usar|vecchio link|non usare|oude link|niet gebruiken)/iu

/** Whether the words on the same line before an address say that it is not the one to be used. */
function disowns(before: string): boolean {
  return DISOWNING.test(before)
}
