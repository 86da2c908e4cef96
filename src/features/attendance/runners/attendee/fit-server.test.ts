import { expect, test } from 'vitest'
import { findUnfit, fitName, fitText, fitUrl } from './fit-server.ts'

test.each([
  ['Notes 🤖', 'Notes'],
  ['🎙️ Ana’s 👩‍💻 notes', 'Ana’s notes'],
  ['Família 👨‍👩‍👧‍👦', 'Família'],
  ['Protokoll ⚡ für Köln', 'Protokoll ⚡ für Köln'],
  ['記録 𠮷野', '記録野'],
  ['Two  blanks', 'Two  blanks'],
  ['🇦🇹', ''],
  ['a\ud83d', 'a\ufffd'],
])('%s is sent as %s', (text, fit) => {
  expect(fitText(text)).toBe(fit)
})

test('a name and a line end where the server’s do', () => {
  expect([fitName('x'.repeat(300)).length, fitText('x'.repeat(10_001)).length]).toEqual([255, 10_000])
  expect(fitName(`${'x'.repeat(254)} y`)).toHaveLength(254)
})

test('a name of nothing else is replaced by one', () => {
  expect(fitName('🤖🤖')).toBe('Meeting Assistant')
})

const tenant = '11111111-2222-4333-8444-555555555555'
const joined = (host: string, context: object) =>
  `https://${host}/l/meetup-join/19%3Ameeting_abc%40thread.v2/0?context=${encodeURIComponent(JSON.stringify(context))}`
const whole = { Tid: tenant, Oid: tenant }

test.each([
  ['google_meet', 'https://meet.google.com/abc-defg-hij'],
  ['zoom', 'https://us02web.zoom.us/j/123456789?pwd=AbC.1'],
  ['zoom', 'https://us02web.zoom.us/w/123456789?tk=abc-def.AG'],
  ['teams', joined('teams.microsoft.com', whole)],
  ['teams', 'https://teams.live.com/meet/987?p=abc'],
  ['sandbox', 'http://127.0.0.1:9/rooms/planning'],
])('of %s the server takes %s as it is', (platform, url) => {
  expect([findUnfit(platform, url), fitUrl(url)]).toEqual([undefined, url])
})

test('under another name of its service a link is sent under the one the server knows', () => {
  const url = 'https://teams.cloud.microsoft/meet/999?p=a%20b'
  expect([findUnfit('teams', url), fitUrl(url)]).toEqual([undefined, 'https://teams.microsoft.com/meet/999?p=a%20b'])
})

test.each([
  ['zoom', 'https://acme.zoomgov.com/j/1612345678', 'service'],
  ['zoom', 'https://uni.zoom-x.de/j/65100000001', 'service'],
  ['zoom', 'https://zoom.com.cn/j/65100000001', 'service'],
  ['zoom', 'https://zoom.us/j/65100000001?pwd=7q%40X2', 'passcode_cut'],
  ['zoom', 'https://zoom.us/j/65100000001?pwd=abc-def_ghi.1', 'passcode_cut'],
  ['teams', joined('gov.teams.microsoft.us', whole), 'service'],
  ['teams', joined('teams.microsoftonline.cn', whole), 'service'],
  ['teams', 'https://teams.microsoft.com/meet/999', 'no_passcode'],
  ['teams', joined('teams.microsoft.com', { Tid: tenant }), 'no_organiser'],
])('of %s it takes no %s', (platform, url, unfit) => {
  expect(findUnfit(platform, url)).toBe(unfit)
})
