import { describeLinks } from '../link-table.contract.ts'

const room = 'zoom 123456789 https://zoom.us/j/123456789'

describeLinks('A Zoom link', [
  ['is read as it is', 'https://zoom.us/j/123456789', room],
  ['is read without its scheme', 'zoom.us/j/123456789', room],
  ['under zoom.com is the same room', 'https://zoom.com/j/123456789', room],
  ['under www is the same room', 'https://www.zoom.us/j/123456789', room],
  [
    'keeps its data centre',
    'https://us02web.zoom.com/j/123456789',
    'zoom 123456789 https://us02web.zoom.us/j/123456789',
  ],
  [
    'keeps a vanity host, and is the same room',
    'https://acme.zoom.us/j/123456789',
    'zoom 123456789 https://acme.zoom.us/j/123456789',
  ],
  [
    'of the government’s service is another room',
    'https://acme.zoomgov.com/j/1612345678',
    'zoom zoomgov.com/1612345678 https://acme.zoomgov.com/j/1612345678',
  ],
  [
    'may have a number of eleven digits',
    'https://us06web.zoom.us/j/81234567890',
    'zoom 81234567890 https://us06web.zoom.us/j/81234567890',
  ],
  [
    'keeps the passcode and drops the rest',
    'https://zoom.us/j/123456789?from=addon&pwd=AbC.1&utm_source=mail',
    `${room}?pwd=AbC.1`,
  ],
  [
    'keeps a webinar’s passcode and token only',
    'https://zoom.us/w/123456789?tk=Tok-1_x&pwd=AbC.1&uuid=WN_x',
    'zoom 123456789 https://zoom.us/w/123456789?pwd=AbC.1&tk=Tok-1_x',
  ],
  ['keeps a plus sign in the passcode', 'https://zoom.us/j/123456789?pwd=a+b', `${room}?pwd=a%2Bb`],
  ['keeps an equals sign in the passcode', 'https://zoom.us/j/123456789?pwd=QUJDREU=', `${room}?pwd=QUJDREU%3D`],
  ['keeps an underscore at the end of the passcode', 'https://zoom.us/j/123456789?pwd=abc_', `${room}?pwd=abc_`],
  ['loses #success', 'https://zoom.us/j/123456789?pwd=AbC#success', `${room}?pwd=AbC`],
  ['is read with its question mark encoded', 'https://zoom.us/j/123456789%3Fpwd%3DAbC', `${room}?pwd=AbC`],
  ['is read with its equals sign encoded', 'https://zoom.us/j/123456789?pwd%3DAbC', `${room}?pwd=AbC`],
  ['is read with & in place of the question mark', 'https://zoom.us/j/123456789&pwd=AbC', `${room}?pwd=AbC`],
  [
    'in capitals is the same room',
    'HTTPS://US02WEB.ZOOM.US/J/123456789?PWD=AbC',
    'zoom 123456789 https://us02web.zoom.us/j/123456789?pwd=AbC',
  ],
  ['of the web client is the same room', 'https://zoom.us/wc/join/123456789', room],
  [
    'of the newer web client is the same room',
    'https://app.zoom.us/wc/123456789/join?pwd=AbC&fromPWA=1',
    `${room}?pwd=AbC`,
  ],
  ['of the host becomes the guests’ link, without the host’s token', 'https://zoom.us/s/123456789?zak=secret', room],
  ['without a number is refused', 'https://zoom.us/j/test', 'unusable'],
  ['with twelve digits is refused', 'https://zoom.us/j/123456789012', 'unusable'],
  ['with eight digits is refused', 'https://zoom.us/j/12345678', 'unusable'],
  ['to a personal name is refused', 'https://acme.zoom.us/my/ana.lima', 'unusable'],
  ['to a shared recording is refused', 'https://us02web.zoom.us/rec/share/abc123456789', 'unusable'],
  ['to a recording’s player is refused', 'https://us02web.zoom.us/rec/play/123456789', 'unusable'],
  ['to a meeting’s registration is refused', 'https://us02web.zoom.us/meeting/register/tZ0123456789', 'unusable'],
  ['to a webinar’s registration is refused', 'https://us02web.zoom.us/webinar/register/WN_123456789', 'unusable'],
  ['to an event portal is refused', 'https://events.zoom.us/ev/123456789', 'unusable'],
  ['to an event page is refused', 'https://zoom.us/events/123456789', 'unusable'],
  ['to the join page without a number is refused', 'https://zoom.us/join', 'unusable'],
  ['to the dial-in numbers is no meeting link at all', 'https://us02web.zoom.us/u/kabc123456', 'nothing'],
  ['to the front page is no meeting link at all', 'https://zoom.us/', 'nothing'],
  ['to a help page is no meeting link at all', 'https://support.zoom.us/hc/en-us/articles/201362193', 'nothing'],
])
