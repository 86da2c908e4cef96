import { unwrapProofpoint } from './proofpoint.ts'
import { decodeTarget, queryParam } from './web-url.ts'

interface Wrapper {
  host: RegExp
  unwrap(url: URL): string | null
}

/** Services that send a click through themselves and carry the address in the link. What comes out is judged like any other address. */
const WRAPPERS: readonly Wrapper[] = [
  { host: /\.safelinks\.protection\.(?:outlook\.com|office365\.us)$/, unwrap: parameter('url') },
  // Safe Links as Teams writes them when a link is copied out of a chat.
  { host: /^statics\.teams\.cdn\.(?:office\.net|live\.net)$/, unwrap: parameter('url') },
  { host: /^urldefense\.(?:proofpoint\.com|com|us)$/, unwrap: unwrapProofpoint },
  { host: /^(?:www\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})$/, unwrap: fromPath('/url', parameter('q', 'url')) },
  { host: /^(?:www\.)?slack-redir\.net$/, unwrap: parameter('url') },
  { host: /^linkprotect\.cudasvc\.com$/, unwrap: parameter('a') },
  { host: /^protect2?\.fireeye\.com$/, unwrap: parameter('u') },
  { host: /^secure-web\.cisco\.com$/, unwrap: (url) => /\/(https?%3a.+)$/i.exec(url.pathname)?.[1] ?? null },
]

// Mimecast keeps the address to itself; only the host it leads to is in the link.
const OPAQUE = /(?:^|\.)(?:mimecast\.com|mimecastprotect\.com)$/

/** The address that a click on this link leads to, if the link is a wrapper and says so; null otherwise. */
export function unwrapLink(url: URL): string | null {
  const wrapper = WRAPPERS.find(({ host }) => host.test(url.hostname))
  const target = wrapper?.unwrap(url)
  return target ? decodeTarget(target) : null
}

/** The host that a wrapper leads to without saying the whole address; null for every other link. */
export function hiddenHost(url: URL): string | null {
  return OPAQUE.test(url.hostname) ? (queryParam(url.search, 'domain')?.toLowerCase() ?? null) : null
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

function fromPath(path: string, unwrap: Wrapper['unwrap']): Wrapper['unwrap'] {
  return (url) => (url.pathname === path ? unwrap(url) : null)
}
