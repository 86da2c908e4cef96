/** With what joins or colours them: of a family of four nothing may be left. */
const BEYOND = / ?[\u{10000}-\u{10ffff}](?:[\u{10000}-\u{10ffff}]|[\u200d\ufe0e\ufe0f])*/gu

/** How many characters it takes of what a bot says, and of its name; at a longer name it breaks (v1.64.1, tried). */
const LONGEST_LINE = 10_000
const LONGEST_NAME = 255

/**
 * A text as an Attendee server takes it: without characters above U+FFFF, which it refuses in a bot's name and in what a bot says
 * (v1.64.1, bots/serializers.py), and not too long. Empty where nothing else was there.
 */
export function fitText(text: string): string {
  return cut(text.toWellFormed().replace(BEYOND, '').trim(), LONGEST_LINE)
}

/** A name that it takes; a bot has to have one. */
export function fitName(name: string): string {
  return cut(fitText(name), LONGEST_NAME) || 'Meeting Assistant'
}

function cut(text: string, length: number): string {
  return text.slice(0, length).trimEnd()
}

/** The link under the name of its service that the server knows. */
export function fitUrl(url: string): string {
  return url.replace('//teams.cloud.microsoft/', '//teams.microsoft.com/')
}

/** What is wrong with a link: its service, or that it lacks what lets people in, or loses it there. */
type UnfitLink = 'service' | 'no_passcode' | 'no_organiser' | 'passcode_cut'

/** What it keeps of Zoom's passcodes: the rest is dropped without a word. */
const KEPT_PASSCODE = /^[a-zA-Z0-9]+(?:\.\d+)?$/

/**
 * Why an Attendee server takes no link like this one of ours; undefined where it does (v1.64.1, bots/meeting_url_utils.py: of Zoom zoom.us, of
 * Teams teams.microsoft.com and teams.live.com, with a passcode or an organiser). Links of other platforms pass.
 */
export function findUnfit(platform: string, url: string): UnfitLink | undefined {
  const link = URL.parse(fitUrl(url))
  if (platform === 'zoom') {
    if (!/(?:^|\.)zoom\.(?:us|com)$/.test(link?.hostname ?? '')) return 'service'
    return KEPT_PASSCODE.test(link?.searchParams.get('pwd') ?? '0') ? undefined : 'passcode_cut'
  }
  if (platform !== 'teams' || link === null) return undefined
  if (!/^teams\.(?:microsoft|live)\.com$/.test(link.hostname)) return 'service'
  if (link.pathname.startsWith('/meet/')) return link.searchParams.get('p') ? undefined : 'no_passcode'
  return link.searchParams.get('context')?.includes('"Oid"') ? undefined : 'no_organiser'
}

const whyUnfit: Record<UnfitLink, string> = {
  service: 'The Attendee server takes no links of this service.',
  no_passcode: 'The Attendee server takes a short Teams link only with its passcode (p=…), and this one has none.',
  passcode_cut:
    'The Attendee server cuts a Zoom passcode at its first sign that is neither letter nor digit, so that its bot is not let in.',
  no_organiser: 'The Attendee server takes a Teams link only if it names its organiser, and this one does not.',
}

/** The same as a sentence. A server that is newer than we know may take it all the same, so that a bot is ordered. */
export function explainUnfit(unfit: UnfitLink): string {
  return `${whyUnfit[unfit]} Ask the organiser for another link.`
}
