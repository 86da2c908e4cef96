import { AppError } from '../../../base/errors.ts'
import { type RunnerName, runnerNames } from '../../bots/index.ts'
import { isPlatform, type Platform, platformLabel, platforms } from '../../meetings/index.ts'
import { isBrowserPlatform } from '../platforms/platform.ts'

/** The platforms whose meetings each runner can join at all. A sandbox's rooms are joined by a stand-in for Attendee, never by a real one. */
const canJoin: Record<RunnerName, (platform: Platform) => boolean> = {
  browser: isBrowserPlatform,
  attendee: (platform) => platform !== 'jitsi',
}

const byAttendee: readonly string[] = ['google_meet', 'teams', 'zoom'] satisfies Platform[]

/**
 * Which runner attends which platform: what RUNNERS says, else our browser where it can and an Attendee server where there is one. Throws
 * `config_invalid` naming everything that cannot be.
 */
export function chooseRunners(
  wanted: readonly { platform: string; runner: string }[],
  has: { attendee: boolean },
): (platform: string) => RunnerName | undefined {
  const problems = wanted.flatMap((entry, index) => problemOf(entry, wanted.slice(0, index), has))
  if (problems.length > 0) throw new AppError('config_invalid', `RUNNERS cannot be used:\n  ${problems.join('\n  ')}`)
  const chosen = new Map(wanted.map(({ platform, runner }) => [platform, runnerNames.find((name) => name === runner)]))
  return (platform) => {
    if (chosen.has(platform)) return chosen.get(platform)
    if (platform === 'sandbox') return 'browser'
    return has.attendee && byAttendee.includes(platform) ? 'attendee' : undefined
  }
}

/** The platforms of the world outside that can be joined and those that cannot, as people call them. */
export function listJoinable(runnerOf: (platform: string) => RunnerName | undefined): { yes: string[]; no: string[] } {
  const real = platforms.filter((platform) => platform !== 'sandbox')
  const { yes = [], no = [] } = Object.groupBy(real, (platform) => (runnerOf(platform) === undefined ? 'no' : 'yes'))
  return { yes: yes.map(platformLabel), no: no.map(platformLabel) }
}

function problemOf(
  { platform, runner }: { platform: string; runner: string },
  earlier: readonly { platform: string }[],
  has: { attendee: boolean },
): string[] {
  if (!isPlatform(platform)) return [`There is no platform "${platform}".`]
  if (earlier.some((entry) => entry.platform === platform)) return [`${platform} is named twice.`]
  if (runner === 'none') return []
  const name = runnerNames.find((one) => one === runner)
  if (!name) return [`There is no runner "${runner}"; there are ${runnerNames.join(', ')} and none.`]
  if (!canJoin[name](platform)) return [`The runner ${name} cannot join ${platformLabel(platform)}.`]
  if (name === 'attendee' && !has.attendee) return [`${platform}=attendee needs ATTENDEE_API_URL and ATTENDEE_API_KEY.`]
  return []
}
