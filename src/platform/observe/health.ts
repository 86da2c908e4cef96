import { isAppError } from '../../base/errors.ts'
import type { Logger } from './logger.ts'

const DEFAULT_DEADLINE_MS = 3_000

type CheckResult = { ok: true } | { ok: false; reason: string }

interface HealthCheck {
  readonly name: string
  /** `reason` is shown to whoever asks: what is missing and what to do, no secrets. */
  check(): Promise<CheckResult>
  /** How long an answer is good for: a check that costs something must not be run by whoever asks often. 0 if not given. */
  keptForMs?: number
}

interface Readiness {
  ready: boolean
  checks: { name: string; ok: boolean; reason?: string }[]
}

export interface Health {
  /** Adds a check; the returned function takes it away again. */
  register(check: HealthCheck): () => void
  /** Runs all checks side by side. Never throws; a check past its deadline has failed. */
  readiness(): Promise<Readiness>
}

interface HealthOptions {
  deadlineMs?: number
  log?: Pick<Logger, 'error'>
}

/** What the process needs to do its work, asked at `/health/ready`. */
export function createHealth(options: HealthOptions = {}): Health {
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS
  const registered = new Set<HealthCheck>()

  return {
    register: (check) => {
      const shared = { name: check.name, check: shareRun(check, options.log) }
      registered.add(shared)
      return () => {
        registered.delete(shared)
      }
    },
    readiness: async () => {
      const checks = await Promise.all(
        [...registered].map(async ({ name, check }) => ({ name, ...(await withDeadline(check(), deadlineMs)) })),
      )
      return { ready: checks.every(({ ok }) => ok), checks }
    },
  }
}

/** Whoever asks while a check still hangs gets the same run, or a stuck database would collect a waiting query at every question. */
function shareRun(check: HealthCheck, log: HealthOptions['log']): () => Promise<CheckResult> {
  const { keptForMs = 0 } = check
  let running: Promise<CheckResult> | undefined
  let keptUntil = 0
  return () => {
    if (running && performance.now() < keptUntil) return running
    keptUntil = Number.POSITIVE_INFINITY
    running = outcomeOf(check, log).finally(() => {
      keptUntil = performance.now() + keptForMs
    })
    return running
  }
}

async function outcomeOf(check: HealthCheck, log: HealthOptions['log']): Promise<CheckResult> {
  try {
    return await check.check()
  } catch (error) {
    // Anybody may ask, and only our own messages are known to be fit for that.
    if (isAppError(error)) return { ok: false, reason: error.message }
    log?.error('A health check threw', { check: check.name, error })
    return { ok: false, reason: 'The check failed unexpectedly; the log says why.' }
  }
}

async function withDeadline(run: Promise<CheckResult>, deadlineMs: number): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `No answer within ${deadlineMs / 1000} s.` }), deadlineMs)
  })
  try {
    return await Promise.race([run, late])
  } finally {
    clearTimeout(timer)
  }
}
