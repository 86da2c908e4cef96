import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { LinkTexts } from '../../calendars/index.ts'
import { findAddresses } from './find-addresses.ts'
import { findRoomLink } from './find-room-link.ts'
import { OPTIONS, textsOf } from './link-table.contract.ts'

const PIECES = [
  'https://',
  'HTTP://',
  'https%3A%2F%2F',
  'zoommtg://',
  'msteams:/',
  '...',
  '…',
  'Passcode: 123456',
  'Meeting ID: 123 456 789',
  'example.webex.com/meet/',
  'meet.google.com',
  'teams.microsoft.com',
  'teams.live.com',
  'zoom.us',
  'us02web.zoom.us',
  'zoomgov.com',
  'jitsi.example.org',
  '127.0.0.1:4400',
  'nam01.safelinks.protection.outlook.com',
  'urldefense.com/v3/__',
  '__;',
  '!!',
  'urldefense.proofpoint.com/v2/url?u=',
  'www.google.com/url?q=',
  '/abc-defg-hij',
  '/j/123456789',
  '/w/12345678901',
  '?pwd=',
  '&tk=',
  '?url=',
  '/l/meetup-join/',
  '19:meeting_x@thread.v2',
  '/0?context=',
  '{"Tid":"a","Oid":"b"}',
  '/meet/999',
  '?p=x',
  '/dl/launcher/launcher.html',
  '#/',
  '/light-meetings/launch?coords=',
  'eyJhIjoxfQ',
  '/rooms/',
  '?jwt=a.b.c',
  '<a href="',
  '">',
  '</a>',
  '<',
  '>',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '.',
  ',',
  ';',
  ':',
  '@',
  '/',
  '\\',
  '*',
  '**A',
  '_',
  '%',
  '%2',
  '%252F',
  '%ED%A0%80',
  '&amp;',
  '&#0;',
  '&#x110000;',
  '=\r\n',
  '=3D',
  '\n',
  ' ',
  '\u200b',
  '\u00ad',
  '\ud800',
  'ü',
  '会',
  '\0',
]

const fragments = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((parts) => parts.join(''))
const anyText = fc.oneof(
  fragments,
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 200 }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
)
const anyTexts: fc.Arbitrary<LinkTexts> = fc.record({
  conferenceUrls: fc.array(anyText, { maxLength: 3 }),
  location: anyText,
  description: anyText,
  title: anyText,
})

const letters = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), minLength: length, maxLength: length })
const word = fc.string({ unit: fc.constantFrom(...'aZ09_-.~!*()=+äß会 '), minLength: 1, maxLength: 12 })
const roomUrl = fc.oneof(
  fc.tuple(letters(3), letters(4), letters(3)).map((parts) => `https://meet.google.com/${parts.join('-')}`),
  fc
    .tuple(fc.integer({ min: 100_000_000, max: 99_999_999_999 }), word)
    .map(([id, key]) => `https://acme.zoom.us/j/${id}?pwd=${encodeURIComponent(key)}`),
  fc
    .tuple(fc.integer({ min: 100 }), word)
    .map(([id, key]) => `https://teams.live.com/meet/${id}?p=${encodeURIComponent(key)}`),
  fc
    .tuple(word, word)
    .map(([tenant, name]) => `https://jitsi.example.org/${encodeURIComponent(tenant)}/${encodeURIComponent(name)}`),
  word.map((name) => `http://127.0.0.1:4400/rooms/${encodeURIComponent(name)}`),
)

it('never throws, and gives a link or a reason that can be shown', () => {
  fc.assert(
    fc.property(anyTexts, (texts) => {
      const { link, warning } = findRoomLink(texts, OPTIONS)
      if (link) expect(URL.canParse(link.url)).toBe(true)
      if (link) expect(link.roomId).not.toBe('')
      if (warning) expect(warning.message).toMatch(/^The .+\.$/)
      expect(link === null || warning?.code !== 'unusable_link').toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

it('never throws on options that make no sense', () => {
  fc.assert(
    fc.property(fragments, fc.array(anyText), anyText, (text, jitsiHosts, sandboxOrigin) => {
      expect(() => findRoomLink(textsOf(text), { jitsiHosts, sandboxOrigin })).not.toThrow()
    }),
  )
})

it('finds in its own link the same link, in every field', () => {
  fc.assert(
    fc.property(fc.oneof(roomUrl, fragments), (text) => {
      const { link } = findRoomLink(textsOf(`<a href="${text}">x</a>`), OPTIONS)
      if (!link) return
      for (const texts of [
        { conferenceUrls: [link.url] },
        { location: link.url },
        { description: `(${link.url}).` },
        { title: link.url },
      ]) {
        expect(findRoomLink(textsOf(texts), OPTIONS).link).toEqual(link)
      }
    }),
    { numRuns: 3_000 },
  )
})

it('finds the same room through a safe link', () => {
  fc.assert(
    fc.property(roomUrl, fc.integer({ min: 1, max: 3 }), (url, times) => {
      const direct = findRoomLink(textsOf({ location: url }), OPTIONS).link
      let wrapped = url
      for (let i = 0; i < times; i++)
        wrapped = `https://eur03.safelinks.protection.outlook.com/?url=${encodeURIComponent(wrapped)}&reserved=0`
      expect(findRoomLink(textsOf({ location: wrapped }), OPTIONS).link).toEqual(direct)
    }),
  )
})

it('only ever sends a bot to a host of the platform', () => {
  const hosts =
    /^(?:meet\.google\.com|(?:[a-z0-9-]+\.)*(?:zoom\.us|zoomgov\.com)|teams\.(?:microsoft|live)\.com|jitsi\.example\.org|127\.0\.0\.1:4400)$/
  fc.assert(
    fc.property(fragments, (text) => {
      const { link } = findRoomLink(textsOf(text), OPTIONS)
      expect(link === null || hosts.test(new URL(link.url).host)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

it('reads no part of a text more than twice, so that the work is bounded by its length', () => {
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 20 }), (parts) => {
      const text = parts.join('')
      const addresses = [...findAddresses(text, () => true)].map(({ address }) => address.replace(/^https:\/\//, ''))
      expect(addresses.join('').length).toBeLessThanOrEqual(2 * text.length)
    }),
  )
})

const HOSTILE: readonly [string, string][] = [
  ['schemes without end', 'https://'],
  ['links without a room', 'https://zoom.us/j/ '],
  ['opened tags', '<a href="https://meet.google.com/'],
  ['tags that are opened and never closed', '<b></i>'],
  ['angle brackets', '<https://'],
  ['braces', 'https://a{'],
  ['brackets', 'https://a(['],
  ['labels of a host', 'a.'],
  ['one word', 'a'],
  ['white space', ' '],
  ['line ends', '<https://a \n'],
  ['entities', '&amp;'],
  ['percent signs', 'https://www.google.com/url?q=%25'],
  ['stars for Proofpoint', 'https://urldefense.com/v3/__**_'],
  ['long words at the end of lines', `https://${'x'.repeat(7_000)}\n`],
  ['meeting numbers', 'Meeting ID: 123 456 789 '],
  ['passcodes', 'Passcode: 123456 '],
  ['labels and white space', `Meeting ID${' '.repeat(5_000)}Password${' '.repeat(5_000)}`],
  ['old links', 'old link https://zoom.us/j/123456789... '],
  ['safe links inside safe links', 'https://nam01.safelinks.protection.outlook.com/?url='],
]

it.each(HOSTILE)('comes to an end with 100 kB of %s, and still finds the room behind them', (_name, piece) => {
  const text = piece.repeat(Math.ceil(100_000 / piece.length))
  const alone = findRoomLink(textsOf(text), OPTIONS)
  expect(alone.link).toBeNull()
  const followed = findRoomLink(textsOf({ description: text, title: 'meet.google.com/abc-defg-hij' }), OPTIONS)
  expect(followed.link?.roomId).toBe('abc-defg-hij')
})
