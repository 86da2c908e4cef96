import { expect, it } from 'vitest'
import { findRoomLink } from './find-room-link.ts'
import { describeLinks, OPTIONS, summaryOf, textsOf } from './link-table.contract.ts'

const meet = 'https://meet.google.com/abc-defg-hij'
const room = `google_meet abc-defg-hij ${meet}`
const zoom = 'https://zoom.us/j/123456789'
const other = 'https://meet.google.com/xyz-uvwx-rst'

describeLinks('Of several links', [
  [
    'the conference’s wins over all others',
    { conferenceUrls: [meet], location: zoom, description: other, title: zoom },
    room,
  ],
  [
    'the first conference link that can be used wins',
    { conferenceUrls: ['tel:+15550100', 'https://zoom.us/my/ana', meet, zoom] },
    room,
  ],
  ['the location’s wins over the description’s', { location: meet, description: zoom, title: zoom }, room],
  ['the description’s wins over the title’s', { description: meet, title: zoom }, room],
  ['the title’s is used where there is no other', { title: `Weekly ${meet}` }, room],
  ['the first in a text wins', `${meet} or ${zoom}`, room],
  ['a meeting wins over the recording of the last one', `https://zoom.us/rec/share/abc, ${meet}`, room],
  [
    'a meeting wins over a website and a recording',
    `https://www.example.com https://zoom.us/rec/share/abc ${meet}`,
    room,
  ],
  [
    'one that can be used wins over a more trusted one that cannot',
    { location: 'https://meet.google.com/new', description: meet },
    room,
  ],
  [
    'the passcode of another link to the same room is used',
    { location: zoom, description: `${meet} ${zoom}?pwd=abc` },
    `zoom 123456789 ${zoom}?pwd=abc`,
  ],
  [
    'the passcode of another link to the same Teams room is used',
    { location: 'https://teams.microsoft.com/meet/999', description: 'https://teams.microsoft.com/meet/999?p=abc' },
    'teams teams.microsoft.com/meet/999 https://teams.microsoft.com/meet/999?p=abc',
  ],
  [
    'the passcode of another room is left alone',
    { location: zoom, description: 'https://zoom.us/j/987654321?pwd=abc' },
    `zoom 123456789 ${zoom}`,
  ],
  [
    'a link that has its passcode keeps it',
    { location: `${zoom}?pwd=first`, description: `${zoom}?pwd=second` },
    `zoom 123456789 ${zoom}?pwd=first`,
  ],
])

describeLinks('A link that only looks like one', [
  ['has more behind the host', 'https://meet.google.com.evil.example/abc-defg-hij', 'unusable'],
  ['has more behind the host and no scheme', 'meet.google.com.evil.example/abc-defg-hij', 'unusable'],
  ['has the host as a user name', 'https://meet.google.com@evil.example/abc-defg-hij', 'unusable'],
  ['has a user name before the real host', 'https://ana:secret@meet.google.com/abc-defg-hij', 'unusable'],
  ['has a port', 'https://meet.google.com:8443/abc-defg-hij', 'unusable'],
  ['has a letter of another alphabet in its host', 'https://meet.gооgle.com/abc-defg-hij', 'nothing'],
  ['has a host in punycode', 'https://xn--meet-gogle-abc.com/abc-defg-hij', 'nothing'],
  ['has a sub-domain in punycode', 'https://xn--acme-9za.zoom.us/j/123456789', 'nothing'],
  ['has more before the host', 'https://evilzoom.us/j/123456789', 'nothing'],
  ['has the host in its path', 'https://evil.example/meet.google.com/abc-defg-hij', 'nothing'],
  ['has the host in its query', 'https://evil.example/?zoom.us/j/123456789', 'nothing'],
  ['has a sub-domain that Meet does not have', 'https://evil.meet.google.com/abc-defg-hij', 'nothing'],
  ['has another scheme', 'ftp://meet.google.com/abc-defg-hij javascript:meet.google.com/abc', 'unusable'],
])

it('says what was wrong with the only link, without its secrets', () => {
  const { link, warning } = findRoomLink(textsOf('https://us02web.zoom.us/rec/share/s3cret?pwd=s3cret'), OPTIONS)
  expect(link).toBeNull()
  expect(warning).toEqual({
    code: 'unusable_link',
    message: 'The Zoom link in this event (us02web.zoom.us) opens a recording, not a meeting.',
  })
})

it('speaks of the most trusted of several unusable links', () => {
  const { warning } = findRoomLink(
    textsOf({ location: 'https://meet.google.com/new', description: 'https://zoom.us/rec/share/abc' }),
    OPTIONS,
  )
  expect(warning?.message).toContain('Google Meet')
})

it('tells an administrator which Jitsi server to allow', () => {
  const { warning } = findRoomLink(textsOf('https://jitsi.example.com/weekly'), { jitsiHosts: [] })
  expect(warning?.message).toContain('jitsi.example.com')
  expect(warning?.message).toContain('JITSI_HOSTS')
})

it('names no passcode when it warns that one is missing', () => {
  const { link, warning } = findRoomLink(textsOf('https://teams.microsoft.com/meet/999'), OPTIONS)
  expect(link?.roomId).toBe('teams.microsoft.com/meet/999')
  expect(warning?.message).toMatch(/^The Microsoft Teams link in this event has no passcode/)
})

it('is silent about refused links once a room is found', () => {
  expect(findRoomLink(textsOf(`https://zoom.us/rec/share/abc ${meet}`), OPTIONS).warning).toBeNull()
})

it('reads no Jitsi and no sandbox link where none is configured', () => {
  const texts = 'https://calls.example.com:8443/weekly http://127.0.0.1:4400/rooms/weekly'
  expect(summaryOf(texts, { jitsiHosts: [] })).toBe('nothing')
})
