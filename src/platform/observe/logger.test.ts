import { expect, test } from 'vitest'
import { createLogCapture } from '../../../test/support/log-capture.ts'
import { createManualClock } from '../../../test/support/manual-clock.ts'
import { AppError } from '../../base/errors.ts'
import { createLogger } from './logger.ts'

const clock = createManualClock('2026-11-02T09:00:00Z')

test('a line is JSON with time, level, message and the fields', () => {
  const capture = createLogCapture()
  createLogger({ level: 'info', destination: capture, clock }).info('Calendar synced', { calendarId: 'c1', events: 3 })
  expect(capture.entries()).toEqual([
    {
      level: 'info',
      time: '2026-11-02T09:00:00.000Z',
      pid: process.pid,
      message: 'Calendar synced',
      calendarId: 'c1',
      events: 3,
    },
  ])
})

test('lines below the level are not written and cost nothing', () => {
  const capture = createLogCapture()
  const log = createLogger({ level: 'warn', destination: capture })
  log.info('quiet', { toJSON: () => expect.fail('read') })
  log.warn('heard')
  expect(capture.entries().map((entry) => entry.message)).toEqual(['heard'])
})

test('secrets in fields, in a child and in an error do not reach the line', () => {
  const capture = createLogCapture()
  const log = createLogger({ level: 'debug', destination: capture }).child({ refreshToken: 'planted-1', job: 'sync' })
  const error = new AppError('token_refused', 'Refused', { cause: new Error('Bearer planted-2') })
  log.error('Sync failed token=planted-4', { error, request: { headers: { authorization: 'planted-3' } } })
  expect(capture.text()).not.toContain('planted')
  expect(capture.entries()[0]).toMatchObject({
    job: 'sync',
    refreshToken: '[redacted]',
    error: { code: 'token_refused', cause: { message: 'Bearer [redacted]' } },
  })
})

test('what a user got wrong is said without a stack, and no longer than a sentence', () => {
  const capture = createLogCapture()
  const log = createLogger({ level: 'debug', destination: capture })
  const error = new AppError('consent_failed', `It did not work ${'x'.repeat(5_000)}`, { cause: new Error('inside') })
  log.info('Not connected', { error })
  log.warn('Perhaps ours', { error })
  const [info, warn] = capture.entries()
  expect(info?.error).toEqual({ type: 'AppError', code: 'consent_failed', message: error.message.slice(0, 300) })
  expect(warn?.error).toMatchObject({ stack: expect.any(String), cause: { message: 'inside' } })
})

test('an error under its usual name `err` is written out redacted as well', () => {
  const capture = createLogCapture()
  createLogger({ level: 'info', destination: capture }).warn('Odd', { err: new Error('password=planted') })
  expect(capture.entries()[0]).toMatchObject({ err: { message: 'password=[redacted]' } })
})

test('a field cannot take the place of one of the line itself', () => {
  const capture = createLogCapture()
  createLogger({ level: 'info', destination: capture }).info('real', { message: 'other', level: 'x', time: 1, pid: 2 })
  expect(capture.entries()[0]).toMatchObject({ message: 'real', message_: 'other', level_: 'x', time_: 1, pid_: 2 })
})

test('for people a line is one line, whatever the text contains', () => {
  const capture = createLogCapture()
  const log = createLogger({ level: 'info', destination: capture, pretty: true, clock })
  log.warn('Calendar not synced', {
    title: 'a\nb\u001b[31m',
    count: 2,
    error: new AppError('feed_gone', 'The feed is gone.', { cause: new Error('410') }),
  })
  expect(capture.text()).toMatch(
    /^\d\d:\d\d:\d\d WARN {2}Calendar not synced title="a\\nb\\u001b\[31m" count=2 error=feed_gone: The feed is gone\. \(because of Error: 410 at .+\)\n$/,
  )
})
