import { expect, it } from 'vitest'
import { describeLinks, summaryOf } from '../link-table.contract.ts'

const tenant = '11111111-2222-4333-8444-555555555555'
const organiser = '66666666-7777-4888-8999-aaaaaaaaaaaa'
const json = `{"Tid":"${tenant}","Oid":"${organiser}"}`
const thread = '19:meeting_NzQ5aBcDeFgHiJkL@thread.v2'
const context = encodeURIComponent(json)
const path = `l/meetup-join/${encodeURIComponent(thread)}/0?context=${context}`
const url = `https://teams.microsoft.com/${path}`
const room = `teams ${thread} ${url}`
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64').replace(/=+$/, '')
const coordinates = { conversationId: thread, tenantId: tenant, messageId: '0', organizerId: organiser }

describeLinks('A Teams meetup-join link', [
  ['is read as it is', url, room],
  ['is read without its scheme', url.slice('https://'.length), room],
  ['that opens the application is the same', `msteams:/${path}`, room],
  ['that opens the application with a host is the same', `msteams://teams.microsoft.com/${path}`, room],
  ['before an ellipsis is the same', `${url}…`, room],
  ['that was cut off is refused', `${url.slice(0, -20)}…`, 'unusable'],
  [
    'of the service in China is read',
    url.replace('microsoft.com', 'microsoftonline.cn'),
    room.replace('microsoft.com', 'microsoftonline.cn'),
  ],
  [
    'encoded in small letters is the same',
    `https://teams.microsoft.com/l/meetup-join/19%3ameeting_NzQ5aBcDeFgHiJkL%40thread.v2/0?context=${context.toLowerCase().replace('tid', 'Tid').replace('oid', 'Oid')}`,
    room,
  ],
  ['wholly decoded is the same', `https://teams.microsoft.com/l/meetup-join/${thread}/0?context=${json}`, room],
  [
    'decoded with spaces in the context is the same',
    `Join: https://teams.microsoft.com/l/meetup-join/${thread}/0?context={"Tid": "${tenant}", "Oid": "${organiser}"} or call`,
    room,
  ],
  [
    'encoded twice is the same',
    `https://teams.microsoft.com/l/meetup-join/${encodeURIComponent(encodeURIComponent(thread))}/0?context=${encodeURIComponent(context)}`,
    room,
  ],
  ['with a bracket left behind it is the same', `${url}>`, room],
  ['with words run into its context is the same', `${url}Meeting`, room],
  ['loses what is neither thread nor context', `${url}&anon=true&utm_source=x`, room],
  ['without a message number is the same', url.replace('/0?', '?'), room],
  [
    'in capitals where that is harmless is the same',
    url.replace('https://teams.microsoft.com/l/meetup-join', 'HTTPS://TEAMS.MICROSOFT.COM/L/MEETUP-JOIN'),
    room,
  ],
  [
    'of a meeting in a channel is told apart by its message',
    `https://teams.microsoft.com/l/meetup-join/19%3aabc123%40thread.tacv2/1700000000001?context=${context}`,
    `teams 19:abc123@thread.tacv2/1700000000001 https://teams.microsoft.com/l/meetup-join/19%3Aabc123%40thread.tacv2/1700000000001?context=${context}`,
  ],
  [
    'of a broadcast keeps the audience’s part',
    `https://teams.microsoft.com/l/meetup-join/${encodeURIComponent(thread)}/0?context=${encodeURIComponent(json.replace('}', ',"IsBroadcastMeeting":true,"role":"a","x":1}'))}`,
    `teams ${thread} ${url.replace('%7D', encodeURIComponent(',"IsBroadcastMeeting":true,"role":"a"}'))}`,
  ],
  [
    'of a government tenant keeps its host',
    url.replace('teams.microsoft.com', 'dod.teams.microsoft.us'),
    room.replace('teams.microsoft.com', 'dod.teams.microsoft.us'),
  ],
  ['without a context is refused', url.replace(/\?.*/, ''), 'unusable'],
  ['with half a context is refused', url.slice(0, -12), 'unusable'],
  ['with a context that names no tenant is refused', url.replace('Tid', 'Xid'), 'unusable'],
  ['without a thread is refused', `https://teams.microsoft.com/l/meetup-join/0?context=${context}`, 'unusable'],
])

const short = 'teams teams.microsoft.com/meet/23456789012345 https://teams.microsoft.com/meet/23456789012345?p=aBcD3'

describeLinks('A short Teams link', [
  ['keeps its passcode', 'https://teams.microsoft.com/meet/23456789012345?p=aBcD3', short],
  ['loses everything else', 'https://teams.microsoft.com/meet/23456789012345?anon=true&p=aBcD3&type=meet', short],
  [
    'of a private account is another room',
    'https://teams.live.com/meet/987?p=abc',
    'teams teams.live.com/meet/987 https://teams.live.com/meet/987?p=abc',
  ],
  [
    'of the new host is the same room',
    'https://teams.cloud.microsoft/meet/999?p=abc',
    'teams teams.microsoft.com/meet/999 https://teams.cloud.microsoft/meet/999?p=abc',
  ],
  [
    'without its passcode is used, with a warning',
    'https://teams.microsoft.com/meet/999',
    'teams teams.microsoft.com/meet/999 https://teams.microsoft.com/meet/999 passcode missing',
  ],
  ['without a number is refused', 'https://teams.microsoft.com/meet/now', 'unusable'],
])

describeLinks('A page that leads to a Teams meeting', [
  [
    'is the launcher, its parameter encoded',
    `https://teams.microsoft.com/dl/launcher/launcher.html?url=${encodeURIComponent(`/_#/${path}&anon=true`)}&type=meetup-join`,
    room,
  ],
  [
    'is the launcher, its parameter not encoded',
    `https://teams.microsoft.com/dl/launcher/launcher.html?url=/_#/${path}&anon=true`,
    room,
  ],
  [
    'is the launcher, its parameter encoded twice',
    `https://teams.microsoft.com/dl/launcher/launcher.html?url=${encodeURIComponent(encodeURIComponent(`/_#/${path}`))}`,
    room,
  ],
  [
    'is the launcher of a short link',
    'https://teams.microsoft.com/dl/launcher/launcher.html?url=%2F_%23%2Fmeet%2F23456789012345%3Fp%3DaBcD3%26anon%3Dtrue&type=meet',
    short,
  ],
  ['is the web client', `https://teams.microsoft.com/v2/?meetingjoin=true#/${path}&anon=true`, room],
  [
    'is the web client with a short link',
    'https://teams.microsoft.com/v2/?meetingjoin=true#/meet/23456789012345?p=aBcD3&anon=true',
    short,
  ],
  ['is the older web client', `https://teams.microsoft.com/_#/${path}`, room],
  [
    'is the guests’ page',
    `https://teams.microsoft.com/light-meetings/launch?agent=web&coords=${base64(coordinates)}&deeplinkId=x`,
    room,
  ],
  [
    'is the guests’ page with its JSON encoded inside',
    `https://teams.microsoft.com/light-meetings/launch?coords=${Buffer.from(encodeURIComponent(JSON.stringify(coordinates))).toString('base64')}`,
    room,
  ],
  [
    'cannot be the guests’ page without coordinates',
    'https://teams.microsoft.com/light-meetings/launch?agent=web',
    'unusable',
  ],
  [
    'cannot be the guests’ page with coordinates of something else',
    `https://teams.microsoft.com/light-meetings/launch?coords=${base64({ a: 1 })}`,
    'unusable',
  ],
  ['cannot be an empty launcher', 'https://teams.microsoft.com/dl/launcher/launcher.html?type=meet', 'unusable'],
  ['cannot be a registration page', 'https://teams.microsoft.com/registration/abc,def', 'unusable'],
  ['cannot be an event page', `https://events.teams.microsoft.com/event/abc@${tenant}`, 'unusable'],
  ['is not the meeting’s options', `https://teams.microsoft.com/meetingOptions/?organizerId=${organiser}`, 'nothing'],
  [
    'is not a channel',
    `https://teams.microsoft.com/l/channel/19%3aabc%40thread.tacv2/General?tenantId=${tenant}`,
    'nothing',
  ],
])

it('tells meetings apart whose links agree in their first hundred characters', () => {
  const [first, second] = ['A', 'B'].map((last) => `19:meeting_${'x'.repeat(100)}${last}@thread.v2`)
  const roomOf = (id = '') =>
    summaryOf(`https://teams.microsoft.com/l/meetup-join/${encodeURIComponent(id)}/0?context=${context}`)
  expect(roomOf(first)).toContain(`teams ${first} `)
  expect(roomOf(second)).toContain(`teams ${second} `)
})
