import { unwrapProofpoint } from './proofpoint.ts'
import { decodeTarget, decodeText, queryParam } from './web-url.ts'

interface Wrapper {
  host: RegExp
  unwrap(url: URL): string | null
}

/**
 * Services that send a click through themselves and carry the address in the link. What comes out is judged like any other address, and
 * nothing is asked of the service. Hosts are whole, or whole from a dot on. The forms were seen in public mail archives and in the tests of
 * other readers (2026-11).
 */
const WRAPPERS: readonly Wrapper[] = [
  { host: /\.safelinks\.protection\.(?:outlook\.com|office365\.us)$/, unwrap: parameter('url') },
  // Safe Links as Teams writes them when a link is copied out of a chat.
  { host: /^statics\.teams\.cdn\.(?:office\.net|live\.net)$/, unwrap: parameter('url') },
  { host: /^nam\.safelink\.emails\.azure\.net$/, unwrap: parameter('destination') },
  {
    host: /^outlook\.(?:office\.com|office365\.com|live\.com)$/,
    unwrap: fromPath(/^\/(?:mail\/safelink\.html|owa\/redir\.aspx)$/i, parameter('url')),
  },
  { host: /^urldefense\.(?:proofpoint\.com|com|us)$/, unwrap: unwrapProofpoint },
  { host: /^(?:www\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})$/, unwrap: fromPath(/^\/url$/, parameter('q', 'url')) },
  { host: /^(?:www\.)?slack-redir\.net$/, unwrap: parameter('url') },
  { host: /^linkprotect\.cudasvc\.com$/, unwrap: parameter('a') },
  { host: /^protect[0-9a-z-]{0,10}\.fireeye\.com$/, unwrap: parameter('u') },
  { host: /^secure-web\.cisco\.com$/, unwrap: insidePath(/\/(https?%3a.+)$/i) },
  // One host for each product and version, such as imsva91-ctp, ddec1-0-en-ctp, cas5-0-urlprotect.
  {
    host: /^(?:[a-z0-9-]{1,60}-)?(?:ctp|urlprotect)\.trendmicro\.com$/,
    unwrap: fromPath(/^\/wis\/clicktime\//, parameter('url')),
  },
  { host: /^clicktime\.symantec\.com$/, unwrap: parameter('u') },
  {
    host: /^(?:protect\.checkpoint\.com|url\.avanan\.click)$/,
    unwrap: insideHref(/\/v\d\/(?:r\d+\/)?___(.+?)___(?:\.|$)/),
  },
  { host: /^[a-z0-9-]{1,40}\.protection\.sophos\.com$/, unwrap: base64Parameter('u') },
  { host: /^(?:antiphishing|(?:m365|gws)\.[a-z]{2})\.vadesecure\.com$/, unwrap: parameter('u') },
  { host: /^atpscan\.global\.hornetsecurity\.com$/, unwrap: parameter('u') },
  { host: /^scanmail\.trustwave\.com$/, unwrap: parameter('u') },
  { host: /^urlsand\.esvalabs\.com$/, unwrap: parameter('u') },
  { host: /^link\.edgepilot\.com$/, unwrap: parameter('u') },
  { host: /^link\.zixcentral\.com$/, unwrap: parameter('u') },
  { host: /^linklock\.titanhq\.com$/, unwrap: parameter('url') },
  { host: /^safe\.menlosecurity\.com$/, unwrap: insideHref(/^https:\/\/[^/]+\/(https?:\/\/?.+)$/i) },
  {
    host: /^deref-(?:gmx\.(?:net|com|fr|co\.uk)|mail(?:-02)?\.com|(?:web|1und1)(?:-02)?\.de)$/,
    unwrap: parameter('redirecturl'),
  },
  {
    host: /^[a-z0-9]{1,20}\.r\.(?:[a-z0-9-]{1,30}\.)?awstrack\.me$/,
    unwrap: insidePath(/^\/[LI]0\/(https?(?::|%3a).+?)\/\d\//i),
  },
  { host: /^lm?\.(?:facebook|messenger|instagram)\.com$/, unwrap: parameter('u') },
  { host: /^(?:www\.)?linkedin\.com$/, unwrap: fromPath(/^\/(?:safety\/go|redir\/redirect)\/?$/, parameter('url')) },
]

/** Where an address leads only the service knows; the name of the host it leads to is in the link, if anything is. */
const OPAQUE: readonly Wrapper[] = [
  { host: /(?:^|\.)(?:mimecast\.com|mimecastprotect\.com|inky\.com)$/, unwrap: parameter('domain') },
  { host: /^[a-z0-9-]{1,40}\.protection\.sophos\.com$/, unwrap: parameter('d') },
  // A booking's page that leads on to its meeting, and Meet's short names.
  {
    host: /^(?:www\.)?calendly\.com$/,
    unwrap: fromPath(/^\/events\/[\w-]+\/(google_meet|zoom|microsoft_teams)\w*$/, bookingHost),
  },
  { host: /^g\.co$/, unwrap: fromPath(/^\/meet\/./, () => 'meet.google.com') },
]

/** The address that a click on this link leads to, if the link is a wrapper and says so; null otherwise. */
export function unwrapLink(url: URL): string | null {
  const target = find(WRAPPERS, url)?.unwrap(url)
  // Some mail servers fold the two slashes into one.
  return target ? decodeTarget(target).replace(/^(https?):\/(?!\/)/i, '$1://') : null
}

/** The host that a wrapper leads to without saying the whole address; null for every other link. */
export function hiddenHost(url: URL): string | null {
  return find(OPAQUE, url)?.unwrap(url)?.toLowerCase() ?? null
}

function find(wrappers: readonly Wrapper[], { hostname }: URL): Wrapper | undefined {
  return wrappers.find(({ host }) => host.test(hostname))
}

function parameter(...names: readonly string[]) {
  return (url: URL): string | null => {
    for (const name of names) {
      const value = queryParam(url.search, name)
      if (value !== null) return value
    }
    return null
  }
}

function base64Parameter(name: string) {
  return (url: URL): string | null => {
    const value = queryParam(url.search, name)
    return value === null ? null : Buffer.from(value, 'base64').toString('utf8')
  }
}

function fromPath(path: RegExp, unwrap: Wrapper['unwrap']): Wrapper['unwrap'] {
  return (url) => (path.test(url.pathname) ? unwrap(url) : null)
}

function insidePath(pattern: RegExp): Wrapper['unwrap'] {
  return (url) => decodedOrNull(pattern.exec(url.pathname)?.[1])
}

function insideHref(pattern: RegExp): Wrapper['unwrap'] {
  return (url) => pattern.exec(url.href)?.[1] ?? null
}

function decodedOrNull(text: string | undefined): string | null {
  return text === undefined ? null : text.includes('://') ? text : decodeText(text)
}

function bookingHost({ pathname }: URL): string {
  if (pathname.includes('/zoom')) return 'zoom.us'
  return pathname.includes('/microsoft') ? 'teams.microsoft.com' : 'meet.google.com'
}
