import { describeLinks } from './link-table.contract.ts'

const meet = 'https://meet.google.com/abc-defg-hij'
const room = `google_meet abc-defg-hij ${meet}`
const zoom = 'zoom 123456789 https://zoom.us/j/123456789'
const teamsThread = 'https://teams.microsoft.com/l/meetup-join/19%3Ameeting_NzQ5aBcDeFgHiJkLmNoPqRsTuVwX%40thread.v2/0'
const teams = `${teamsThread}?context=%7B%22Tid%22%3A%2211111111-2222-4333-8444-555555555555%22%7D`
const teamsRoom = `teams 19:meeting_NzQ5aBcDeFgHiJkLmNoPqRsTuVwX@thread.v2 ${teams}`

describeLinks('A link in plain text', [
  ['loses a full stop', `Join at ${meet}.`, room],
  ['loses a closing bracket', `(see ${meet})`, room],
  ['loses a bracket and what follows it', `(${meet})and bring coffee`, room],
  ['loses a comma, an exclamation mark and a quotation mark', `"${meet}",!`, room],
  ['loses single quotation marks', `'${meet}'`, room],
  ['loses typographic quotation marks', `“${meet}”`, room],
  ['is found in angle brackets', `Join <${meet}> now`, room],
  ['is found in angle brackets that break it over lines', `Join <https://meet.google.com/abc-\r\n defg-hij> now`, room],
  ['is found in a Markdown link', `[join](${meet}).`, room],
  ['is found in a Markdown link that shows it', `[${meet}](${meet})`, room],
  ['is found in bold Markdown', `**${meet}**`, room],
  ['is found in italic Markdown', `_${meet}_`, room],
  ['is found in backticks', `\`${meet}\``, room],
  ['is found as Slack writes it', `<${meet}|Join the call>`, room],
  ['is found behind a label', `Link:${meet}`, room],
  ['is found without a scheme behind a label', 'Link:meet.google.com/abc-defg-hij', room],
  ['is found between semicolons', `Room 5;${meet};https://www.example.com/`, room],
  ['is found before Chinese text that follows at once', 'https://zoom.us/j/123456789会议', zoom],
  ['is found before Chinese punctuation', '会议：https://zoom.us/j/123456789，密码', zoom],
  ['loses zero-width characters', 'https://meet.google.com/\u200babc-\u2060defg\ufeff-hij', room],
  ['loses soft hyphens', 'https://meet.google.com/abc-defg\u00ad-hij', room],
  ['loses direction marks', `\u202a${meet}\u202c`, room],
  ['is found with its slashes escaped', 'https:\\/\\/meet.google.com\\/abc-defg-hij', room],
  ['is found wholly encoded', 'https%3A%2F%2Fmeet.google.com%2Fabc-defg-hij', room],
  ['is found with its entities decoded', 'https://zoom.us/j/123456789?x=1&amp;pwd=abc', `${zoom}?pwd=abc`],
  ['is found with entities escaped twice', 'https://zoom.us/j/123456789?x=1&amp;amp;pwd=abc', `${zoom}?pwd=abc`],
  ['is found with its host in entities', 'https://meet&#46;google&#x2e;com/abc-defg-hij', room],
  [
    'keeps a parameter that looks like half an entity',
    'https://zoom.us/j/123456789?a=1&copy=2&pwd=abc',
    `${zoom}?pwd=abc`,
  ],
  [
    'is joined where a long line was broken',
    `Join here:\n${teams.slice(0, 76)}\n${teams.slice(76, 152)}\n${teams.slice(152)}\nThank you`,
    teamsRoom,
  ],
  ['is joined where quoted-printable broke it', 'https://zoom.us/j/123456789?pwd=3Dab=\r\ncd', `${zoom}?pwd=abcd`],
  ['is found behind an e-mail address of the same host', 'ana@zoom.us/x and zoom.us/j/123456789', zoom],
  ['is found after a stray “less than”', `1 < 2, <b ${meet}`, room],
  ['is not found in the middle of another address', `https://www.example.com/${meet}`, 'nothing'],
  ['is not found as another address’s path', 'www.example.com/meet.google.com/abc-defg-hij', 'nothing'],
  ['is not found as an e-mail address', 'ana@meet.google.com/abc-defg-hij', 'nothing'],
  ['is not found where there is only talk of Zoom', 'We use zoom.us or Teams, and/or the telephone.', 'nothing'],
  ['is not found in an empty text', '', 'nothing'],
])

describeLinks('A link in HTML', [
  [
    'is taken from the target with its entities decoded',
    '<a href="https://zoom.us/j/123456789?pwd=a&amp;x=1">Join</a>',
    `${zoom}?pwd=a`,
  ],
  ['is taken from the target before the text', `<p>${meet}</p><a href="https://zoom.us/j/123456789">Join</a>`, zoom],
  ['is taken from the target, whatever the text shows', `<a href="${meet}">https://zoom.us/j/123456789</a>`, room],
  ['is taken from a target without quotation marks', `<a href=${meet}>Join</a>`, room],
  ['is taken from a target in capitals', `<A HREF='${meet.toUpperCase()}'>Join</A>`, room],
  ['is taken from a target without a scheme', '<a href="meet.google.com/abc-defg-hij">Join</a>', room],
  ['is taken from a target that begins with slashes', '<a href="//meet.google.com/abc-defg-hij">Join</a>', room],
  ['is taken from a target broken over lines', '<a href="https://meet.google.com/\n  abc-defg-hij">Join</a>', room],
  [
    'is taken from a target whose host is in entities',
    '<a href="https://meet&#46;google&period;com/abc-defg-hij">Join</a>',
    room,
  ],
  [
    'is taken from where Outlook keeps the original',
    `<a href="https://eur01.example.com/x" originalsrc="${meet}">Join</a>`,
    room,
  ],
  ['is taken from the text where there is no target', `<p>Join: ${meet}</p><p>Bye</p>`, room],
  ['is taken from the text although tags split it', '<p>https://meet.google.com/<wbr>abc-<b>defg</b>-hij</p>', room],
  ['ends where its block ends', `<div>${meet}</div><div>Dial in</div>`, room],
  ['ends at a line break', `${meet}<br>Dial in`, room],
  ['is taken from HTML that was escaped', `&lt;a href=&quot;${meet}&quot;&gt;Join&lt;/a&gt;`, room],
  ['is taken from angle brackets inside HTML', `<p>Join</p><${meet}>`, room],
  ['is not taken from a script', `<script>location = '${meet}'</script><p>Hello</p>`, 'nothing'],
  ['is not taken from a comment', `<!-- ${meet} --><p>Hello</p>`, 'nothing'],
  [
    'is not taken from a mail that somebody is to write',
    `<a href="mailto:ana@example.org?body=${meet}">Share</a>`,
    'nothing',
  ],
])
