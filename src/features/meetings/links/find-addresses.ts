import { decodeTarget } from './web-url.ts'

// A scheme (also encoded), or a host with a slash behind it that is not part of a longer word, path or e-mail address.
const START =
  /https?:\/\/|https?%3a%2f%2f|(?<![\p{L}\p{N}])(?:zoommtg|zoomus|ms-?teams):\/{0,3}(?=[a-z])|(?<![\p{L}\p{N}@.%/_~\\-])((?:[a-z0-9-]{1,63}\.){0,8}[a-z0-9-]{1,63}(?::\d{1,5})?)\//giu

// Quotation marks and the punctuation of other scripts never stand in a link unencoded.
const STOPS = /[\s"`|<>}\\^\p{Cc}“”„‘’‹›«»…、。〈-】！（），：；？｡]/u
const CLOSERS: Record<string, string> = { ')': '(', ']': '[' }
const EMPHASIS = /[*_~]+$/
const MAX_JSON_LENGTH = 500
/** So much of the line before an address is looked at for what it says of it. */
const MAX_BEFORE = 60

/** An address in a text. */
interface FoundAddress {
  address: string
  /** What stands before it on the same line, or the end of that. */
  before: string
}

/**
 * Every address in a text, in order and without overlap, so that reading all of them costs no more than twice the text's length:
 * an address with other than ASCII characters is given a second time without them.
 * An address without a scheme is given only if its host is worth it. One that was cut off ends in an ellipsis, see `trimAddress`.
 */
export function* findAddresses(text: string, isWorthReading: (host: string) => boolean): Generator<FoundAddress> {
  const start = new RegExp(START)
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const host = match[1]
    if (host !== undefined && !isWorthReading(host.toLowerCase())) continue
    const end = endOfAddress(text, match.index + match[0].length)
    const ellipsis = text[end] === '…' ? '…' : ''
    const preceding = text.slice(Math.max(0, match.index - MAX_BEFORE), match.index)
    const before = preceding.slice(preceding.search(/[^\r\n]*$/))
    const address = trimAddress(text.slice(match.index, end) + ellipsis, before)
    start.lastIndex = Math.max(end, start.lastIndex)
    const complete = host === undefined ? decodeTarget(address) : `https://${address}`
    yield { address: complete, before }
    // In scripts without spaces the sentence goes on where the link ends.
    const whole = complete.replace(/…$/, '')
    const ascii = /^[\x20-\x7e]+/.exec(whole)?.[0] ?? ''
    if (ascii.length < whole.length) yield { address: trimAddress(ascii, ''), before }
  }
}

/**
 * An address without the punctuation, closing brackets and emphasis that the sentence around it added. What was cut off by whoever wrote
 * or stored it, and ends in dots, gets one ellipsis, which is part of no link.
 */
export function trimAddress(address: string, before: string): string {
  const emphasis = EMPHASIS.exec(before)?.[0].at(-1)
  let end = address.length
  while (end > 0) {
    const last = address[end - 1] as string
    if (!".,;:!?'…".includes(last) && last !== emphasis) break
    end--
  }
  return address.slice(0, end) + (/\.\.|…/.test(address.slice(end)) ? '…' : '')
}

function endOfAddress(text: string, from: number): number {
  const open: Record<string, number> = { '(': 0, '[': 0 }
  let at = from
  while (at < text.length) {
    const character = text[at] as string
    const opener = CLOSERS[character]
    if (STOPS.test(character)) break
    if (character === '{') {
      // Teams links carry a JSON object, which some programs leave unencoded, quotation marks and all.
      const json = text.slice(at, at + MAX_JSON_LENGTH)
      const length = json.indexOf('}')
      if (length < 0 || /[<>\r\n]|.\{/.test(json.slice(0, length))) break
      at += length
    } else if (opener !== undefined) {
      if (open[opener] === 0) break
      open[opener] = (open[opener] ?? 0) - 1
    } else if (character in open) {
      open[character] = (open[character] ?? 0) + 1
    } else if (/[,;]/.test(character) && /^https?:\/\//i.test(text.slice(at + 1, at + 9))) {
      break
    } else if (
      /h/i.test(character) &&
      /[a-z0-9]/i.test(text[at - 1] ?? '') &&
      /^https?:\/\//i.test(text.slice(at, at + 8))
    ) {
      break
    }
    at++
  }
  return at
}
