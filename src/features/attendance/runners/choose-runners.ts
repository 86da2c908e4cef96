import { AppError } from '../../../base/errors.ts'
import { type RunnerName, runnerNames } from '../../bots/index.ts'
import { isPlatform, platformLabel, platforms } from '../../meetings/index.ts'
import { runners } from './registry.ts'

/**
 * Which runner attends which platform: what RUNNERS says, else whichever attends it unasked and is there. `has`: of those that need something, which are there. Throws
 * `config_invalid` naming everything that cannot be.
 */
export function chooseRunners(
  wanted: readonly { platform: string; runner: string }[],
  has: Partial<Record<RunnerName, boolean>>,
): (platform: string) => RunnerName | undefined {
  const problems = wanted.flatMap((entry, index) => problemOf(entry, wanted.slice(0, index), has))
  if (problems.length > 0) throw new AppError('config_invalid', `RUNNERS cannot be used:\n  ${problems.join('\n  ')}`)
  const chosen = new Map(wanted.map(({ platform, runner }) => [platform, runnerNames.find((name) => name === runner)]))
  return (platform) => {
    if (chosen.has(platform)) return chosen.get(platform)
    return isPlatform(platform)
      ? runnerNames.find((name) => isThere(name, has) && runners[name].attendsUnasked(platform))
      : undefined
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
  has: Partial<Record<RunnerName, boolean>>,
): string[] {
  if (!isPlatform(platform)) return [`There is no platform "${platform}".`]
  if (earlier.some((entry) => entry.platform === platform)) return [`${platform} is named twice.`]
  if (runner === 'none') return []
  const name = runnerNames.find((one) => one === runner)
  if (!name) return [`There is no runner "${runner}"; there are ${runnerNames.join(', ')} and none.`]
  if (!runners[name].canJoin(platform)) return [`The runner ${name} cannot join ${platformLabel(platform)}.`]
  if (!isThere(name, has)) return [`${platform}=${name} needs ${runners[name].needs}.`]
  return []
}

function isThere(name: RunnerName, has: Partial<Record<RunnerName, boolean>>): boolean {
  return runners[name].needs === undefined || has[name] === true
}
