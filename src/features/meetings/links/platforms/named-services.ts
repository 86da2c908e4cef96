/**
 * Services for meetings that no runner of ours can join, recognised only to be named: `label: hosts` with, behind a space, the form of the
 * path that is a meeting where the host has other pages too. A host stands for itself and what is below it. Collected from the services'
 * own invitations and from the lists of other readers of calendars (2026-11).
 */
const TABLE: readonly (readonly [label: string, hosts: string, path?: RegExp])[] = [
  ['Webex', 'webex.com webex.com.cn', /\/(?:meet|join|m|j\.php|e\.php|joinservice|webappng)(?:\/|$)|[?&]MTID=/i],
  ['Whereby', 'whereby.com appear.in', /^\/(?!information|blog|user|org|pricing|product|business)[\w-]+\/?$/],
  ['Lark', 'vc.larksuite.com vc.feishu.cn meetings.larksuite.com meetings.feishu.cn'],
  ['GoTo Meeting', 'meet.goto.com gotomeeting.com gotomeet.me gotomeet.at'],
  ['GoTo Webinar', 'gotowebinar.com'],
  ['GoTo', 'app.goto.com'],
  ['RingCentral', 'v.ringcentral.com video.ringcentral.com meetings.ringcentral.com'],
  ['Amazon Chime', 'chime.aws'],
  ['Slack', 'slack.com', /^\/(?:huddle|call)\//],
  ['BlueJeans', 'bluejeans.com'],
  ['Skype', 'join.skype.com'],
  ['Skype for Business', 'meet.lync.com online.lync.com'],
  ['Discord', 'discord.gg'],
  ['Discord', 'discord.com', /^\/(?:channels|invite)\//],
  ['FaceTime', 'facetime.apple.com', /^\/join/],
  ['Tencent Meeting', 'meeting.tencent.com voovmeeting.com'],
  ['DingTalk', 'meeting.dingtalk.com'],
  ['Zoho Meeting', 'meeting.zoho.com meeting.zoho.eu meeting.zoho.in meet.zoho.com meet.zoho.eu meet.zoho.in'],
  ['Vonage Meetings', 'meetings.vonage.com'],
  ['Dialpad Meetings', 'meetings.dialpad.com uberconference.com'],
  ['FreeConferenceCall', 'join.freeconferencecall.com', /./],
  ['FreeConferenceCall', 'freeconferencecall.com', /^\/(?:wall|join)\//],
  ['join.me', 'join.me'],
  ['Lifesize', 'call.lifesizecloud.com'],
  ['StarLeaf', 'meet.starleaf.com'],
  ['Pexip', 'pexip.me'],
  ['TeamViewer Meeting', 'go.teamviewer.com go.blizz.com'],
  ['Adobe Connect', 'adobeconnect.com'],
  ['Blackboard Collaborate', 'bbcollab.com'],
  ['Daily', 'daily.co', /^\/(?!blog|docs|pricing|company|products)[\w-]+\/?$/],
  ['Cal Video', 'app.cal.com cal.com', /^\/video\//],
  ['Livestorm', 'app.livestorm.co'],
  ['Demio', 'event.demio.com my.demio.com'],
  ['StreamYard', 'streamyard.com', /^\/(?!pricing|blog|resources)[a-z0-9]{8,}/],
  ['Riverside', 'riverside.fm riverside.com', /^\/studio\//],
  ['Gather', 'app.gather.town app.v2.gather.town'],
  ['Kumospace', 'kumospace.com'],
  ['Around', 'meet.around.co'],
  ['Tuple', 'tuple.app', /^\/c\//],
  ['Pumble', 'meet.pumble.com'],
  ['LiveKit Meet', 'meet.livekit.io'],
  ['Element Call', 'call.element.io'],
  ['Wire', 'call.wire.com'],
  ['WhatsApp', 'call.whatsapp.com'],
  ['Telegram', 't.me', /^\/call\//],
  ['Proton Meet', 'meet.proton.me'],
  ['Doxy.me', 'doxy.me'],
  ['OpenTalk', 'meet.opentalk.eu'],
  ['alfaview', 'app.alfaview.com rooms.alfaview.com'],
  ['Visio', 'visio.numerique.gouv.fr'],
  ['Yandex Telemost', 'telemost.yandex.ru telemost.yandex.com'],
  ['VK Calls', 'vk.com', /^\/call\//],
  ['Kontur Talk', 'ktalk.ru'],
  ['JioMeet', 'jiomeetpro.jio.com'],
  ['Google Hangouts', 'hangouts.google.com', /^\/(?:hangouts|call)\//],
]

/** Software that runs under names of its owners' own: known by the form of its rooms' addresses, or by the first part of its host. */
const SELF_HOSTED: readonly (readonly [label: string, host: RegExp, path: RegExp])[] = [
  [
    'BigBlueButton',
    /^/,
    /^\/(?:b|rooms)\/[a-z0-9]{3}-[a-z0-9]{3}-[a-z0-9]{3}(?:-[a-z0-9]{3})?(?:\/|$)|^\/bigbluebutton\//,
  ],
  ['BigBlueButton', /^(?:bbb|bigbluebutton)\d{0,3}\./, /^\/./],
  ['Nextcloud Talk', /^/, /^\/(?:index\.php\/)?call\/[a-z0-9]{8}$/],
]

interface Row {
  label: string
  path: RegExp
}

const ANY_PAGE = /^\/[^/?]/
const rowsByHost = new Map<string, Row[]>()
for (const [label, hosts, path = ANY_PAGE] of TABLE) {
  for (const host of hosts.split(' ')) rowsByHost.set(host, [...(rowsByHost.get(host) ?? []), { label, path }])
}

/** The name of the service that this address is a meeting at, if it is one that cannot be joined; null otherwise. */
export function nameService({ hostname, pathname, search }: URL): string | null {
  const row = rowsOf(hostname).find(({ path }) => path.test(pathname) || path.test(pathname + search))
  return row?.label ?? SELF_HOSTED.find(([, host, path]) => host.test(hostname) && path.test(pathname))?.[0] ?? null
}

/** Whether a host belongs to one of the services that are known by it. */
export function isNamedHost(host: string): boolean {
  return rowsOf(host).length > 0
}

/** Of the host, or else of the nearest one above it. */
function rowsOf(hostname: string): readonly Row[] {
  for (let host = hostname; host !== ''; host = host.includes('.') ? host.slice(host.indexOf('.') + 1) : '') {
    const rows = rowsByHost.get(host)
    if (rows) return rows
  }
  return []
}
