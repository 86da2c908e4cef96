import { decodeText, queryParam } from './web-url.ts'

const RUN_LENGTHS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The address inside a Proofpoint URL Defense link, versions 1 to 3; null if there is none. */
export function unwrapProofpoint(url: URL): string | null {
  const version = /^\/(v[123])\//.exec(url.pathname)?.[1]
  if (version === 'v1') return queryParam(url.search, 'u')
  if (version === 'v2') {
    // Version 2 writes `-` for `%` and `_` for `/`.
    const target = queryParam(url.search, 'u')
    return target === null ? null : decodeText(target.replaceAll('-', '%').replaceAll('_', '/'))
  }
  return version === 'v3' ? unwrapVersion3(url.href) : null
}

/** `/v3/__<address>__;<base64 of what was taken out>!!…`: `*` stands for one such character, `**B` for a run, as many as B says. */
function unwrapVersion3(href: string): string | null {
  const start = href.indexOf('/v3/__') + '/v3/__'.length
  const end = href.lastIndexOf('__;')
  if (end < start) return null
  const encoded = /^[\w+/=-]*/.exec(href.slice(end + 3))?.[0] ?? ''
  const takenOut = [...Buffer.from(encoded, 'base64url').toString('utf8')]
  let used = 0
  const address = href.slice(start, end).replace(/\*(?:\*([\w-]))?/g, (_match, length?: string) => {
    const count = length === undefined ? 1 : RUN_LENGTHS.indexOf(length) + 2
    const characters = takenOut.slice(used, used + count)
    used += count
    return characters.join('')
  })
  // Some mail servers fold the two slashes into one.
  return address.replace(/^(https?):\/(?!\/)/i, '$1://')
}
