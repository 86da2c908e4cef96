/** With what joins or colours them: of a family of four nothing may be left. */
const BEYOND = / ?[\u{10000}-\u{10ffff}](?:[\u{10000}-\u{10ffff}]|[\u200d\ufe0e\ufe0f])*/gu

/**
 * A text as an Attendee server takes it: without characters above U+FFFF, which it refuses in a bot's name and in what a bot says
 * (v1.64.1, bots/serializers.py). Empty where nothing else was there.
 */
export function fitText(text: string): string {
  return text.toWellFormed().replace(BEYOND, '').trim()
}

/** A name that it takes; a bot has to have one. */
export function fitName(name: string): string {
  return fitText(name) || 'Meeting Assistant'
}

/** The link under the name of its service that the server knows. */
export function fitUrl(url: string): string {
  return url.replace('//teams.cloud.microsoft/', '//teams.microsoft.com/')
}

/** What is wrong with a link: its service, or that it lacks what lets people in. */
export type UnfitLink = 'service' | 'no_passcode' | 'no_organiser'

/**
 * Why an Attendee server takes no link like this one of ours; undefined where it does (v1.64.1, bots/meeting_url_utils.py: of Zoom zoom.us, of
 * Teams teams.microsoft.com and teams.live.com, with a passcode or an organiser). Links of other platforms pass.
 */
export function findUnfit(platform: string, url: string): UnfitLink | undefined {
  const link = URL.parse(fitUrl(url))
  if (platform === 'zoom') return /(?:^|\.)zoom\.(?:us|com)$/.test(link?.hostname ?? '') ? undefined : 'service'
  if (platform !== 'teams' || link === null) return undefined
  if (!/^teams\.(?:microsoft|live)\.com$/.test(link.hostname)) return 'service'
  if (link.pathname.startsWith('/meet/')) return link.searchParams.get('p') ? undefined : 'no_passcode'
  return link.searchParams.get('context')?.includes('"Oid"') ? undefined : 'no_organiser'
}

const whyUnfit: Record<UnfitLink, string> = {
  service: 'The Attendee server takes no links of this service.',
  no_passcode: 'The Attendee server takes a short Teams link only with its passcode (p=…), and this one has none.',
  no_organiser: 'The Attendee server takes a Teams link only if it names its organiser, and this one does not.',
}

/** The same as a sentence. A server that is newer than we know may take it all the same, so that a bot is ordered. */
export function explainUnfit(unfit: UnfitLink): string {
  return `${whyUnfit[unfit]} Ask the organiser for another link.`
}
