import { describeLinks } from '../link-table.contract.ts'

const room = 'google_meet abc-defg-hij https://meet.google.com/abc-defg-hij'

describeLinks('A Google Meet link', [
  ['is read as it is', 'https://meet.google.com/abc-defg-hij', room],
  ['is read without its scheme', 'meet.google.com/abc-defg-hij', room],
  ['becomes https', 'http://meet.google.com/abc-defg-hij', room],
  ['loses the account and tracking parameters', 'https://meet.google.com/abc-defg-hij?authuser=1&hs=122', room],
  ['loses parameters that were glued on with &', 'https://meet.google.com/abc-defg-hij&authuser=0', room],
  ['loses its fragment', 'https://meet.google.com/abc-defg-hij#phone', room],
  ['may end in a slash', 'https://meet.google.com/abc-defg-hij/', room],
  ['is the same room in capitals', 'HTTPS://MEET.GOOGLE.COM/ABC-DEFG-HIJ', room],
  ['is the same room with encoded hyphens', 'https://meet.google.com/abc%2Ddefg%2Dhij', room],
  ['is the same room with the host written in full', 'https://meet.google.com./abc-defg-hij', room],
  ['is the same room with the usual port written out', 'https://meet.google.com:443/abc-defg-hij', room],
  [
    'is found behind Meet’s own redirect',
    'https://meet.google.com/linkredirect?dest=https%3A%2F%2Fmeet.google.com%2Fabc-defg-hij',
    room,
  ],
  ['to the lookup page is refused', 'https://meet.google.com/lookup/xyz', 'unusable'],
  ['to the landing page is refused', 'https://meet.google.com/landing?authuser=0', 'unusable'],
  ['that opens a new meeting is refused', 'https://meet.google.com/new', 'unusable'],
  ['with a code of another form is refused', 'https://meet.google.com/abcd-efgh-ijkl', 'unusable'],
  ['with a longer code is refused', 'https://meet.google.com/abc-defg-hijk', 'unusable'],
  ['with digits in the code is refused', 'https://meet.google.com/abc-d3fg-hij', 'unusable'],
  ['with something behind the code is refused', 'https://meet.google.com/abc-defg-hij/settings', 'unusable'],
  ['to the front page is no meeting link at all', 'https://meet.google.com/', 'nothing'],
  ['to the telephone page is no meeting link at all', 'https://tel.meet/abc-defg-hij?pin=1234567890', 'nothing'],
])
