import { expect, test } from 'vitest'
import { createLogCapture } from '../../../test/support/log-capture.ts'
import { AppError } from '../../base/errors.ts'
import { createHealth } from './health.ts'
import { createLogger } from './logger.ts'

test('nothing registered is ready', async () => {
  expect(await createHealth().readiness()).toEqual({ ready: true, checks: [] })
})

test('one failed check makes all not ready, and says which and why', async () => {
  const capture = createLogCapture()
  const health = createHealth({ log: createLogger({ level: 'info', destination: capture }) })
  health.register({ name: 'disk', check: async () => ({ ok: true }) })
  health.register({ name: 'hub', check: async () => ({ ok: false, reason: 'SUPABASE_URL is not set.' }) })
  health.register({
    name: 'database',
    check: async () => {
      throw new AppError('database_unreachable', 'The database does not answer.')
    },
  })
  health.register({
    name: 'bug',
    check: () => {
      throw new Error('postgres://u:planted@h')
    },
  })
  const readiness = await health.readiness()
  expect(readiness).toEqual({
    ready: false,
    checks: [
      { name: 'disk', ok: true },
      { name: 'hub', ok: false, reason: 'SUPABASE_URL is not set.' },
      { name: 'database', ok: false, reason: 'The database does not answer.' },
      { name: 'bug', ok: false, reason: 'The check failed unexpectedly; the log says why.' },
    ],
  })
  expect(capture.entries()).toMatchObject([{ check: 'bug', error: { message: 'postgres://[redacted]@h' } }])
})

test('a check that hangs fails at its deadline, is not started again meanwhile, and can recover', async () => {
  const health = createHealth({ deadlineMs: 5 })
  let starts = 0
  let answer = () => {}
  health.register({
    name: 'slow',
    check: () => {
      starts += 1
      return new Promise((resolve) => {
        answer = () => resolve({ ok: true })
      })
    },
  })
  const late = { name: 'slow', ok: false, reason: 'No answer within 0.005 s.' }
  expect(await health.readiness()).toEqual({ ready: false, checks: [late] })
  expect(await health.readiness()).toEqual({ ready: false, checks: [late] })
  expect(starts).toBe(1)
  const next = health.readiness()
  answer()
  expect(await next).toEqual({ ready: true, checks: [{ name: 'slow', ok: true }] })
})

test('a check that costs something is not run again while its answer is good', async () => {
  const health = createHealth()
  const runs = { dear: 0, cheap: 0 }
  const count = (name: keyof typeof runs) => async () => {
    runs[name] += 1
    return { ok: true } as const
  }
  health.register({ name: 'dear', keptForMs: 3_600_000, check: count('dear') })
  health.register({ name: 'cheap', check: count('cheap') })
  for (let asked = 0; asked < 3; asked++) await health.readiness()
  expect(runs).toEqual({ dear: 1, cheap: 3 })
})

test('a check that was taken away is not asked any more', async () => {
  const health = createHealth()
  const remove = health.register({ name: 'gone', check: async () => ({ ok: false, reason: 'x' }) })
  remove()
  expect(await health.readiness()).toEqual({ ready: true, checks: [] })
})
