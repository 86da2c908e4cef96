import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('what was counted is rendered in the text format, with the defaults of a process', async () => {
  const metrics = createMetrics()
  metrics.countRequest({ route: '/dashboard/', method: 'GET', status: 200, durationMs: 12 })
  metrics.countHttpCall({ guard: 'public', outcome: 'http_timeout', durationMs: 30_000 })
  metrics.countJobRun({ name: 'sync-calendar', outcome: 'completed', durationMs: 1_500 })
  metrics.countJobRun({ name: 'sync-calendar', outcome: 'completed', durationMs: 500 })
  metrics.countCalendarSync({ provider: 'google', outcome: 'ok' })
  const text = await metrics.render()
  expect(metrics.contentType).toMatch(/^text\/plain/)
  for (const line of [
    'rapporteur_http_request_duration_seconds_count{route="/dashboard/",method="GET",status="200"} 1',
    'rapporteur_http_call_duration_seconds_sum{guard="public",outcome="http_timeout"} 30',
    'rapporteur_job_runs_total{name="sync-calendar",outcome="completed"} 2',
    'rapporteur_job_seconds_total{name="sync-calendar"} 2',
    'rapporteur_calendar_syncs_total{provider="google",outcome="ok"} 1',
    'rapporteur_process_cpu_seconds_total',
  ]) {
    expect(text).toContain(line)
  }
})

test('a gauge is looked up at each rendering and forgets what is gone', async () => {
  const metrics = createMetrics()
  let bots = new Map([
    ['joining', 2],
    ['waiting_room', 1],
  ])
  metrics.addGauge({
    name: 'bots',
    help: 'Live bots by state.',
    labelNames: ['state'],
    collect: (set) => {
      for (const [state, count] of bots) set({ state }, count)
    },
  })
  expect(await metrics.render()).toContain('rapporteur_bots{state="waiting_room"} 1')
  bots = new Map([['joining', 3]])
  const text = await metrics.render()
  expect(text).toContain('rapporteur_bots{state="joining"} 3')
  expect(text).not.toContain('waiting_room')
})

test('two sets of metrics in one process do not count together', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.countCalendarSync({ provider: 'ics', outcome: 'ok' })
  expect(await other.render()).not.toContain('provider="ics"')
})
