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

const whole = `${zoom}?pwd=AbCdEfGhIjKl.1`
const wholeRoom = `zoom 123456789 ${whole}`

describeLinks('A whole link wins over one that was cut off', [
  ['by dots', { location: `${zoom}?pwd=AbCdEf...`, description: whole }, wholeRoom],
  ['by an ellipsis', `${zoom}?pwd=AbCdEf… ${whole}`, wholeRoom],
  [
    'in a location that is full',
    { location: `${'x'.repeat(255 - 6 - zoom.length)} ${zoom}?pwd=`, description: whole },
    wholeRoom,
  ],
  ['without a mark', { location: `${zoom}?pwd=AbCdEf`, description: whole }, wholeRoom],
  [
    'in its number on the same host',
    { location: 'https://zoom.us/j/812345678', description: 'https://zoom.us/j/81234567890?pwd=abc' },
    'zoom 81234567890 https://zoom.us/j/81234567890?pwd=abc',
  ],
  ['at the end of a line', `${zoom}?pwd=AbCdEfGhIj\nKl.1\nMeeting ID`, wholeRoom],
  ['at the end of a quoted line', `> ${zoom}?pwd=AbCdEfGhIj\n> Kl.1\n> Meeting ID`, wholeRoom],
  ['before its key', `${zoom}?\npwd=AbCdEfGhIjKl.1\nMeeting ID`, wholeRoom],
  [
    'but a name that begins like another is not one',
    'https://jitsi.example.org/daily or https://jitsi.example.org/daily-retro',
    'jitsi jitsi.example.org/daily https://jitsi.example.org/daily',
  ],
  [
    'but a line that merely follows does not make a key longer',
    `${zoom}?pwd=QUJDREVGRw09\nThanks`,
    `zoom 123456789 ${zoom}?pwd=QUJDREVGRw09`,
  ],
  [
    'but a word that ran into it does not make a key longer',
    `${zoom}?pwd=QUJDRE ${zoom}?pwd=QUJDREOne`,
    `zoom 123456789 ${zoom}?pwd=QUJDRE`,
  ],
])

describeLinks('A link that is called old', [
  ['counts less than one that is not', `Old link (do not use): ${other}\nNew link: ${meet}`, room],
  ['counts where there is no other', `Old link (do not use): ${meet}`, room],
  ['is one by the words on its own line only', `This is the old link:\n${meet} or ${other}`, room],
  ['is not one by the word alone', `Old Street office, ${meet} or ${other}`, room],
])

describeLinks('The passcode that stands in words', [
  [
    'is added to a Zoom link without one',
    `${zoom}\nMeeting ID: 123 456 789\nPasscode: aB3@x`,
    `zoom 123456789 ${zoom}?pwd=aB3%40x`,
  ],
  [
    'is added in other languages',
    `${zoom}\nMeeting-ID: 123 456 789\nKenncode: 123456`,
    `zoom 123456789 ${zoom}?pwd=123456`,
  ],
  ['is added out of HTML', `<p>${zoom}</p><p>Passcode: <b>123456</b></p>`, `zoom 123456789 ${zoom}?pwd=123456`],
  [
    'is added out of another text',
    { location: zoom, description: 'Passcode: 123456.' },
    `zoom 123456789 ${zoom}?pwd=123456`,
  ],
  [
    'is added from where the provider names it',
    { conferenceUrls: [zoom], conferencePasscode: '123456' },
    `zoom 123456789 ${zoom}?pwd=123456`,
  ],
  [
    'is added in place of a key that was cut off',
    `${zoom}?pwd=AbCdE…\nPasscode: 123456`,
    `zoom 123456789 ${zoom}?pwd=123456`,
  ],
  [
    'is the one behind the meeting’s own number',
    `${zoom}\nMeeting ID: 999 999 9999\nPasscode: 999999\nMeeting ID: 123 456 789\nPasscode: 123456`,
    `zoom 123456789 ${zoom}?pwd=123456`,
  ],
  ['is not another meeting’s', `${zoom}\nMeeting ID: 999 999 9999\nPasscode: 999999`, `zoom 123456789 ${zoom}`],
  ['is not the telephone’s', `${zoom}\nTelephone passcode: 999999`, `zoom 123456789 ${zoom}`],
  ['is not a guess between several', `${zoom}\nPasscode: 111111\nPassword: 222222`, `zoom 123456789 ${zoom}`],
  ['is not needed where the link has one', `${whole}\nPasscode: 123456`, wholeRoom],
  [
    'is not added to a Teams link, which takes no typed one',
    'https://teams.microsoft.com/meet/999\nPasscode: aB3xY',
    'teams teams.microsoft.com/meet/999 https://teams.microsoft.com/meet/999 passcode missing',
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

it.each([
  ['Webex', 'https://example.webex.com/example/j.php?MTID=m0123456789abcdef'],
  ['Webex', 'https://example.webex.com/meet/ana.lima'],
  ['Whereby', 'https://whereby.com/example'],
  ['Lark', 'https://vc.larksuite.com/j/123456789'],
  ['Lark', 'https://vc.feishu.cn/j/123456789'],
  ['BigBlueButton', 'https://bbb.example.org/rooms/abc-def-ghi-jkl/join'],
  ['BigBlueButton', 'https://video.example.org/b/ana-abc-def'],
  ['GoTo Meeting', 'https://global.gotomeeting.com/join/123456789'],
  ['GoTo Meeting', 'https://meet.goto.com/123456789'],
  ['RingCentral', 'https://v.ringcentral.com/join/123456789'],
  ['Amazon Chime', 'https://chime.aws/1234567890'],
  ['Slack', 'https://app.slack.com/huddle/T01234567/C01234567'],
  ['Skype for Business', 'https://meet.lync.com/example/ana/ABCD1234'],
  ['Nextcloud Talk', 'https://cloud.example.org/index.php/call/a1b2c3d4'],
  ['BlueJeans', 'bluejeans.com/123456789'],
  ['FaceTime', 'https://facetime.apple.com/join#v=1&p=abc'],
  ['Tencent Meeting', 'https://meeting.tencent.com/dm/AbCdEf'],
])('names %s, which cannot be joined, in place of “no link”', (name, link) => {
  const { host } = new URL(link.startsWith('http') ? link : `https://${link}`)
  expect(findRoomLink(textsOf(`Join ${link} please`), OPTIONS)).toEqual({
    link: null,
    warning: {
      code: 'unusable_link',
      message: `The link in this event (${host}) leads to ${name}. There is no way to join ${name}.`,
    },
  })
})

it.each([
  'https://www.webex.com/',
  'https://help.webex.com/article/abc',
  'https://evilwebex.com/meet/ana',
  'https://webex.com.evil.example/meet/ana',
  'https://whereby.com/information/pricing',
  'https://discord.com/',
  'https://example.slack.com/archives/C01234567',
  'https://example.org/call/me-maybe',
  'https://example.org/b/overview',
  'We use webex.com or chime.aws/ for that.',
])('takes no meeting for what is none: %s', (text) => {
  expect(findRoomLink(textsOf(text), OPTIONS)).toEqual({ link: null, warning: null })
})

it('names the Jitsi servers of others, and how to allow them', () => {
  for (const host of ['kmeet.infomaniak.com', 'meet.ffmuc.net']) {
    const { link, warning } = findRoomLink(textsOf(`https://${host}/abcdefghijklmnop`), OPTIONS)
    expect(link).toBeNull()
    expect(warning?.message).toContain(host)
    expect(warning?.message).toContain('JITSI_HOSTS')
    expect(findRoomLink(textsOf(`Join ${host}/abcdefghijklmnop`), OPTIONS).warning).toEqual(warning)
  }
})

it('prefers a meeting that can be joined to one that cannot', () => {
  expect(summaryOf(`https://example.webex.com/meet/ana ${meet}`)).toBe(room)
})

it.each([
  'Microsoft Teams\nJoin with an ID\nMeeting ID: 344 674 159 108 1\nPasscode: ps3JH7YK',
  '<p>Besprechungs-ID: <b>344 674 159 108</b></p>',
  'tel:+16465588656,,81234567890#,,,,*123456#',
])('says that an event gives only a number: %s', (text) => {
  const { link, warning } = findRoomLink(textsOf(text), OPTIONS)
  expect(link).toBeNull()
  expect(warning?.code).toBe('number_only')
  expect(warning?.message).not.toMatch(/\d/)
})

it('says that the passcode beside a link has to be typed where its platform takes none in links', () => {
  const { warning } = findRoomLink(textsOf('https://teams.microsoft.com/meet/999 Passcode: aB3xY'), OPTIONS)
  expect(warning?.message).toContain('has to be typed')
  expect(warning?.message).not.toContain('aB3xY')
})
