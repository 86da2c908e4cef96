/** The schemes by which applications are opened from a page, with the host that is meant where the link names none. */
const APPLICATIONS: Readonly<Record<string, string>> = {
  zoommtg: 'zoom.us',
  zoomus: 'zoom.us',
  msteams: 'teams.microsoft.com',
  'ms-teams': 'teams.microsoft.com',
}

const APP_LINK = /^(zoommtg|zoomus|msteams|ms-teams):\/{0,3}(.*)$/is

/**
 * The web's address for a link that opens an application: `zoommtg://zoom.us/join?confno=1` is `https://zoom.us/j/1`, `msteams:/l/…` is
 * `https://teams.microsoft.com/l/…`. Every other text as it is. What comes out is judged like any other address.
 */
export function openAppLink(text: string): string {
  const [, scheme = '', rest = ''] = APP_LINK.exec(text) ?? []
  const host = APPLICATIONS[scheme.toLowerCase()]
  if (host === undefined) return text
  const address = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?]|$)/i.test(rest) ? rest : `${host}/${rest}`
  if (host !== 'zoom.us') return `https://${address}`
  const number = /[?&]confno=([^&#]*)/i.exec(address)?.[1]
  const [origin = ''] = address.split(/[/?]/, 1)
  return number === undefined
    ? `https://${address}`
    : `https://${origin}/j/${number}${address.slice(origin.length).replace(/^[^?]*/, '')}`
}
