import { describe, expect, it } from 'vitest'
import { decodeFeed } from './decode-feed.ts'

const text = 'BEGIN:VCALENDAR\r\nSUMMARY:Grüße aus 東京\r\nEND:VCALENDAR'
const german = 'BEGIN:VCALENDAR\r\nSUMMARY:Grüße – 5 €\r\nEND:VCALENDAR'
const utf8 = (given: string) => Buffer.from(given, 'utf8')
const swapped = (given: string) => Buffer.from(given, 'utf16le').swap16()
const windows = (given: string) => Buffer.from(given.replace('–', '\u0096').replace('€', '\u0080'), 'latin1')

describe('a feed is readable', () => {
  it.each([
    ['in UTF-8', utf8(text), undefined, text],
    ['in UTF-8 with a mark', utf8(`\ufeff${text}`), undefined, text],
    ['in UTF-8 that the server calls ISO-8859-1', utf8(text), 'iso-8859-1', text],
    ['in UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), undefined, text],
    ['in UTF-16 without a mark', Buffer.from(text, 'utf16le'), undefined, text],
    ['in big-endian UTF-16 with a mark', swapped(`\ufeff${text}`), undefined, text],
    ['in big-endian UTF-16 without a mark', swapped(text), 'utf-8', text],
    ['in Windows-1252', windows(german), undefined, german],
    ['in Windows-1252 that the server calls UTF-8', windows(german), 'utf-8', german],
    ['in a character set that the server names', Buffer.from([0xd0, 0xe9]), 'koi8-r', 'пИ'],
    ['in a character set nobody knows', utf8(text), 'martian', text],
  ])('%s', (_what, bytes, charset, expected) => {
    expect(decodeFeed(bytes, charset)).toBe(expected)
  })

  it('folded in the middle of a character', () => {
    const bytes = utf8('SUMMARY:Grüße')
    const at = bytes.indexOf(0xbc)
    const folded = Buffer.concat([bytes.subarray(0, at), Buffer.from('\r\n '), bytes.subarray(at)])
    expect(decodeFeed(folded)).toBe('SUMMARY:Grüße')
  })

  it('with one byte that means nothing, which costs that character only', () => {
    const bytes = utf8('SUMMARY:Grüße, x')
    bytes[bytes.length - 1] = 0xff
    expect(decodeFeed(bytes)).toBe('SUMMARY:Grüße, \ufffd')
  })
})
