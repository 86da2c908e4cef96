import { describeLinks } from './link-table.contract.ts'

const meet = 'https://meet.google.com/abc-defg-hij'
const meetRoom = `google_meet abc-defg-hij ${meet}`
const zoom = 'https://us02web.zoom.us/j/81234567890?pwd=Ab_C-d.1'
const zoomRoom = `zoom 81234567890 ${zoom}`
const context = encodeURIComponent(
  '{"Tid":"11111111-2222-4333-8444-555555555555","Oid":"66666666-7777-4888-8999-aaaaaaaaaaaa"}',
)
const teams = `https://teams.microsoft.com/l/meetup-join/19%3Ameeting_NzQ5aBcD%40thread.v2/0?context=${context}`
const teamsRoom = `teams 19:meeting_NzQ5aBcD@thread.v2 ${teams}`

const safe = (url: string) =>
  `https://nam01.safelinks.protection.outlook.com/?url=${encodeURIComponent(url)}&data=05%7C02%7Cana%40example.org%7Cabc&sdata=x%3D&reserved=0`
const proofpoint2 = (url: string) =>
  `https://urldefense.proofpoint.com/v2/url?u=${encodeURIComponent(url).replaceAll('-', '%2D').replaceAll('_', '%5F').replaceAll('%2F', '_').replaceAll('%', '-')}&d=DwMFaQ&c=x&r=y&m=z&s=s&e=`
const base64 = (text: string) => Buffer.from(text).toString('base64url')

describeLinks('A wrapped link', [
  ['is unwrapped from Outlook’s Safe Links', safe(teams), teamsRoom],
  [
    'is unwrapped from Safe Links in HTML, entities and all',
    `<a href="${safe(zoom).replaceAll('&', '&amp;')}">Join</a>`,
    zoomRoom,
  ],
  ['is unwrapped from Safe Links that were encoded twice', safe(encodeURIComponent(teams)), teamsRoom],
  ['is unwrapped from Safe Links in Safe Links', safe(safe(teams)), teamsRoom],
  [
    'is unwrapped from Safe Links around Google’s redirect',
    safe(`https://www.google.com/url?q=${encodeURIComponent(zoom)}&sa=D`),
    zoomRoom,
  ],
  ['is unwrapped from the government’s Safe Links', safe(meet).replace('outlook.com', 'office365.us'), meetRoom],
  [
    'is unwrapped from the Safe Links of Teams chats',
    `https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url=${encodeURIComponent(meet)}&locale=en-us`,
    meetRoom,
  ],
  [
    'is unwrapped from Proofpoint 1',
    `https://urldefense.proofpoint.com/v1/url?u=${encodeURIComponent(zoom)}&k=abc`,
    zoomRoom,
  ],
  ['is unwrapped from Proofpoint 2', proofpoint2(zoom), zoomRoom],
  ['is unwrapped from Proofpoint 2 around a long Teams link', proofpoint2(teams), teamsRoom],
  ['is unwrapped from Proofpoint 3', `https://urldefense.com/v3/__${zoom}__;!!AbC123!xyz$`, zoomRoom],
  [
    'is unwrapped from Proofpoint 3 with its slashes folded',
    `https://urldefense.com/v3/__${meet.replace('//', '/')}__;!!AbC123!xyz$`,
    meetRoom,
  ],
  [
    'is unwrapped from Proofpoint 3 with characters taken out',
    `https://urldefense.com/v3/__${teams.replace('%3A', '*').replace('%40', '*')}__;${base64(':@')}!!AbC!xyz$`,
    teamsRoom,
  ],
  [
    'is unwrapped from Proofpoint 3 with a run taken out',
    `https://urldefense.com/v3/__https://zoom.us/j/**H?pwd=x__;${base64('123456789')}!!AbC!xyz$`,
    'zoom 123456789 https://zoom.us/j/123456789?pwd=x',
  ],
  [
    'is unwrapped from Google’s redirect',
    `https://www.google.com/url?q=${meet}&sa=D&source=calendar&usd=2&usg=x`,
    meetRoom,
  ],
  [
    'is unwrapped from Google’s redirect in its other form',
    `https://www.google.co.uk/url?sa=t&url=${encodeURIComponent(meet)}`,
    meetRoom,
  ],
  ['is unwrapped from Slack', `https://slack-redir.net/link?url=${encodeURIComponent(zoom)}`, zoomRoom],
  [
    'is unwrapped from Barracuda',
    `https://linkprotect.cudasvc.com/url?a=${encodeURIComponent(zoom)}&c=E,1,x`,
    zoomRoom,
  ],
  ['is unwrapped from Cisco', `https://secure-web.cisco.com/1AbC-dEf/${encodeURIComponent(zoom)}`, zoomRoom],
  ...(
    [
      [
        'Trend Micro',
        `https://ddec1-0-en-ctp.trendmicro.com/wis/clicktime/v1/query?url=${encodeURIComponent(zoom)}&umid=A&auth=b`,
      ],
      [
        'Trend Micro’s cloud',
        `https://cas5-0-urlprotect.trendmicro.com/wis/clicktime/v1/query?url=${encodeURIComponent(zoom)}&umid=A`,
      ],
      ['Symantec', `https://clicktime.symantec.com/3AbCdEfGh?u=${encodeURIComponent(zoom)}`],
      ['Check Point', `https://protect.checkpoint.com/v2/r02/___${zoom}___.YXAzOmV4YW1wbGU6YTpvOmFiYw`],
      [
        'Check Point with its slashes folded',
        `https://url.avanan.click/v2/r05/___${zoom.replace('//', '/')}___.YXAzOmV4`,
      ],
      [
        'Sophos',
        `https://eu-central-1.protection.sophos.com/?d=zoom.us&u=${Buffer.from(zoom).toString('base64')}&i=x&h=y`,
      ],
      ['Vade', `https://antiphishing.vadesecure.com/v4?f=a&i=b&k=c&r=d&s=e&u=${encodeURIComponent(zoom)}`],
      ['Hornetsecurity', `https://atpscan.global.hornetsecurity.com/?d=a&f=b&i=&k=c&u=${encodeURIComponent(zoom)}`],
      ['Trustwave', `https://scanmail.trustwave.com/?c=20988&d=a&u=${encodeURIComponent(zoom)}`],
      ['Libraesva', `https://urlsand.esvalabs.com/?u=${encodeURIComponent(zoom)}&e=a&h=b&f=y&p=y`],
      ['EdgePilot', `https://link.edgepilot.com/s/12227a84/DmLjQJRwu0?u=${zoom}`],
      ['TitanHQ', `https://linklock.titanhq.com/analyse?url=${encodeURIComponent(zoom)}&data=eJx`],
      ['Menlo', `https://safe.menlosecurity.com/${zoom}`],
      ['GMX', `https://deref-gmx.net/mail/client/AbC/dereferrer/?redirectUrl=${encodeURIComponent(zoom)}`],
      ['Outlook on the web', `https://outlook.office.com/mail/safelink.html?corid=a&url=${encodeURIComponent(zoom)}`],
      [
        'an older Outlook on the web',
        `https://outlook.office365.com/owa/redir.aspx?C=a&URL=${encodeURIComponent(zoom)}`,
      ],
      ['Azure’s mails', `https://nam.safelink.emails.azure.net/redirect/?destination=${encodeURIComponent(zoom)}`],
      ['Amazon’s mails', `https://abc12def.r.us-east-1.awstrack.me/L0/${encodeURIComponent(zoom)}/1/0100/x=1`],
      ['Facebook', `https://l.facebook.com/l.php?u=${encodeURIComponent(zoom)}&h=a`],
      ['LinkedIn', `https://www.linkedin.com/safety/go?url=${encodeURIComponent(zoom)}&trk=a`],
      ['FireEye', `https://protect-eu.fireeye.com/v1/url?k=a&q=1&u=${encodeURIComponent(zoom)}`],
    ] as const
  ).map(([filter, address]) => [`is unwrapped from ${filter}`, address, zoomRoom] as const),
  [
    'is unwrapped from Safe Links around an application’s link',
    safe('zoommtg://zoom.us/join?confno=81234567890&pwd=AbC'),
    'zoom 81234567890 https://zoom.us/j/81234567890?pwd=AbC',
  ],
  [
    'is not looked for behind a booking page, which leads on to it',
    'https://calendly.com/events/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/google_meet',
    'unusable',
  ],
  ...[
    'clicktime.symantec.com.evil.example',
    'evil-clicktime.symantec.com.example',
    'evilprotection.sophos.com',
    'ctp.trendmicro.com.evil.example',
    'notsafe.menlosecurity.com',
  ].map(
    (host) =>
      [
        `is not looked for at ${host}`,
        `https://${host}/wis/clicktime/v1/query?u=${meet}&url=${meet}`,
        'nothing',
      ] as const,
  ),
  [
    'is unwrapped around a Teams launcher',
    safe(
      `https://teams.microsoft.com/dl/launcher/launcher.html?url=${encodeURIComponent(teams.replace('https://teams.microsoft.com', '/_#'))}`,
    ),
    teamsRoom,
  ],
  ['is judged like any other: a recording', safe('https://us02web.zoom.us/rec/share/abc'), 'unusable'],
  ['is judged like any other: an imitation', safe('https://meet.google.com.evil.example/abc-defg-hij'), 'unusable'],
  ['is judged like any other: a website', safe('https://www.example.com/'), 'nothing'],
  [
    'is not looked for behind Mimecast, which hides it',
    'https://protect-eu.mimecast.com/s/AbCdEf?domain=us02web.zoom.us',
    'unusable',
  ],
  [
    'is not looked for behind Mimecast when it leads elsewhere',
    'https://protect-eu.mimecast.com/s/AbCdEf?domain=example.com',
    'nothing',
  ],
  [
    'is not looked for in addresses that are no wrappers',
    `https://www.example.com/?url=${encodeURIComponent(meet)}`,
    'nothing',
  ],
  ['is not looked for on pages of Google that do not redirect', `https://www.google.com/search?q=${meet}`, 'nothing'],
  [
    'is not looked for in a host that only ends like a wrapper’s',
    `https://safelinks.protection.outlook.com.evil.example/?url=${meet}`,
    'nothing',
  ],
  [
    'is given up when it is wrapped without end',
    Array.from({ length: 9 }).reduce<string>((url) => `https://www.google.com/url?q=${encodeURIComponent(url)}`, meet),
    'nothing',
  ],
])
