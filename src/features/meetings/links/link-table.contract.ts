import { describe, expect, it } from 'vitest'
import type { LinkTexts } from '../../calendars/index.ts'
import { findRoomLink } from './find-room-link.ts'
import type { LinkWarning } from './link-warning.ts'
import type { LinkOptions } from './platforms/link-platform.ts'

export const OPTIONS: LinkOptions = {
  jitsiHosts: ['jitsi.example.org', 'Calls.Example.com:8443'],
  sandboxOrigin: 'http://127.0.0.1:4400',
}

/** A room as `platform roomId url`, with `passcode missing` behind it where that is warned of; otherwise what is there instead of a room. */
type Expected = string | 'nothing' | 'unusable'

type LinkRow = readonly [sentence: string, input: string | Partial<LinkTexts>, expected: Expected]

export function textsOf(input: string | Partial<LinkTexts>): LinkTexts {
  const given = typeof input === 'string' ? { description: input } : input
  return { conferenceUrls: [], location: '', description: '', title: '', ...given }
}

/** The result in the words of the tables. */
export function summaryOf(input: string | Partial<LinkTexts>, options = OPTIONS): string {
  const { link, warning } = findRoomLink(textsOf(input), options)
  if (!link) return warning?.code === 'unusable_link' ? 'unusable' : 'nothing'
  return `${link.platform} ${link.roomId} ${link.url}${suffixOf(warning)}`
}

/** One test a row; a row with a room also shows that the canonical link leads to itself, from any field and however its host is written. */
export function describeLinks(title: string, rows: readonly LinkRow[]): void {
  describe(title, () => {
    it.each(rows)('%s', (_sentence, input, expected) => {
      expect(summaryOf(input)).toBe(expected)
      const { link } = findRoomLink(textsOf(input), OPTIONS)
      if (!link) return
      for (const text of [link.url, link.url.replace(/^(https?:\/\/[^/]+)/, (origin) => origin.toUpperCase())]) {
        for (const again of [{ conferenceUrls: [text] }, { location: text }, { title: `Weekly (${text}).` }]) {
          expect(findRoomLink(textsOf(again), OPTIONS).link).toEqual(link)
        }
        expect(findRoomLink(textsOf(`<p>Join <a href="${text}">here</a></p>`), OPTIONS).link).toEqual(link)
      }
    })
  })
}

function suffixOf(warning: LinkWarning | null): string {
  return warning ? ` ${warning.code.replace('_', ' ')}` : ''
}
