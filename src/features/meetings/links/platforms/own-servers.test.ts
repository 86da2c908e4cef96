import { describeLinks } from '../link-table.contract.ts'

const room = 'jitsi jitsi.example.org/weekly https://jitsi.example.org/Weekly'

describeLinks('A Jitsi link', [
  ['of a listed server is read', 'https://jitsi.example.org/Weekly', room],
  ['of a listed server is read without its scheme', 'Room: jitsi.example.org/Weekly', room],
  ['becomes https', 'http://jitsi.example.org/Weekly', room],
  [
    'is the same room whatever the case of its name',
    'https://jitsi.example.org/WEEKLY',
    'jitsi jitsi.example.org/weekly https://jitsi.example.org/WEEKLY',
  ],
  [
    'keeps the tenant',
    'https://jitsi.example.org/Acme/Weekly',
    'jitsi jitsi.example.org/acme/weekly https://jitsi.example.org/Acme/Weekly',
  ],
  ['keeps its token', 'https://jitsi.example.org/Weekly?lang=de&jwt=eyJh.eyJi.c_d', `${room}?jwt=eyJh.eyJi.c_d`],
  [
    'keeps a token from behind the hash',
    'https://jitsi.example.org/Weekly#jwt=%22eyJh.eyJi.c_d%22&config.startSilent=true',
    `${room}?jwt=eyJh.eyJi.c_d`,
  ],
  [
    'loses the settings behind the hash',
    'https://jitsi.example.org/Weekly#config.startSilent=true&userInfo.displayName=%22Bob%22',
    room,
  ],
  [
    'may have letters of other scripts in its name',
    'https://jitsi.example.org/Frühstück',
    'jitsi jitsi.example.org/frühstück https://jitsi.example.org/Fr%C3%BChst%C3%BCck',
  ],
  [
    'encoded is the same room as decoded',
    'https://jitsi.example.org/Fr%C3%BChst%C3%BCck',
    'jitsi jitsi.example.org/frühstück https://jitsi.example.org/Fr%C3%BChst%C3%BCck',
  ],
  [
    'may have a space in its name',
    'https://jitsi.example.org/Board%20Room',
    'jitsi jitsi.example.org/board room https://jitsi.example.org/Board%20Room',
  ],
  [
    'may have brackets in its name',
    'https://jitsi.example.org/Team(A)',
    'jitsi jitsi.example.org/team(a) https://jitsi.example.org/Team%28A%29',
  ],
  [
    'of a listed server on another port is read',
    'https://calls.example.com:8443/Weekly',
    'jitsi calls.example.com:8443/weekly https://calls.example.com:8443/Weekly',
  ],
  ['of a listed server without its port is not read', 'https://calls.example.com/Weekly', 'nothing'],
  ['of a listed server on a port that is not listed is refused', 'https://jitsi.example.org:8443/Weekly', 'unusable'],
  ['of a server that is not listed is refused', 'https://meet.jit.si/Weekly', 'unusable'],
  [
    'of a server that only ends like a listed one is refused',
    'https://jitsi.example.org.evil.example/Weekly',
    'unusable',
  ],
  ['to a file of the server is refused', 'https://jitsi.example.org/config.js', 'unusable'],
  [
    'to the dial-in page is no meeting link at all',
    'https://jitsi.example.org/static/dialInInfo.html?room=weekly',
    'nothing',
  ],
  ['to the front page is no meeting link at all', 'https://jitsi.example.org/', 'nothing'],
])

const sandbox = 'sandbox http://127.0.0.1:4400/rooms/weekly http://127.0.0.1:4400/rooms/weekly'

describeLinks('A link to the sandbox room', [
  ['is read over plain http', 'http://127.0.0.1:4400/rooms/weekly', sandbox],
  ['is read without its scheme', '127.0.0.1:4400/rooms/weekly', sandbox],
  ['is read as the origin is written, not as the link is', 'https://127.0.0.1:4400/rooms/weekly?as=bob#x', sandbox],
  [
    'is the same room whatever the case of its name',
    'http://127.0.0.1:4400/rooms/Weekly',
    sandbox.replace(/weekly$/, 'Weekly'),
  ],
  ['on another port is not read', 'http://127.0.0.1:4401/rooms/weekly', 'nothing'],
  ['on another host is not read', 'http://localhost:4400/rooms/weekly', 'nothing'],
  ['to another page is not read', 'http://127.0.0.1:4400/inbox/weekly', 'nothing'],
])
