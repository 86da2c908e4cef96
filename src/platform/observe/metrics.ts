import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'

const PREFIX = 'rapporteur_'
// From a cached page to a call that is given up after thirty seconds.
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

interface GaugeDefinition {
  /** Without the prefix `rapporteur_`. */
  name: string
  help: string
  labelNames: readonly string[]
  /** Called before each rendering to set the present values. */
  collect(set: (labels: Record<string, string>, value: number) => void): void | Promise<void>
}

export interface Metrics {
  /** A request that we answered. `route` is the pattern and never the path, or each meeting would make a series. */
  countRequest(request: { route: string; method: string; status: number; durationMs: number }): void
  /** A request that we made. `outcome` is the status, or the code of the failure. */
  countHttpCall(call: { guard: string; outcome: string; durationMs: number }): void
  countJobRun(run: { name: string; outcome: string; durationMs: number }): void
  countCalendarSync(sync: { provider: string; outcome: string }): void
  /** A notice of a change in a calendar, by what became of it: believed, refused, or not stored. */
  countPushNotice(notice: { outcome: string }): void
  /** Changes that were found by looking, though a channel should have announced them. */
  countLostNotices(count: number): void
  /** Adds a number that is looked up when asked for, such as how many bots are live. Once per name. */
  addGauge(definition: GaugeDefinition): void
  /** All series in the Prometheus text format, to be sent with `contentType`. */
  render(): Promise<string>
  readonly contentType: string
}

/** The metrics of a process, in a registry of their own, so that two apps in one test do not count together. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: PREFIX })
  const requests = new Histogram({
    name: `${PREFIX}http_request_duration_seconds`,
    help: 'Requests answered, by route, method and status, with how long they took.',
    labelNames: ['route', 'method', 'status'],
    buckets: DURATION_BUCKETS,
    registers,
  })
  const httpCalls = new Histogram({
    name: `${PREFIX}http_call_duration_seconds`,
    help: 'Requests made to others, by outcome (the status, or the code of the failure), with how long they took.',
    labelNames: ['guard', 'outcome'],
    buckets: DURATION_BUCKETS,
    registers,
  })
  const jobRuns = new Counter({
    name: `${PREFIX}job_runs_total`,
    help: 'Runs of jobs, by name and outcome.',
    labelNames: ['name', 'outcome'],
    registers,
  })
  const jobSeconds = new Counter({
    name: `${PREFIX}job_seconds_total`,
    help: 'Time spent in jobs, by name.',
    labelNames: ['name'],
    registers,
  })
  const calendarSyncs = new Counter({
    name: `${PREFIX}calendar_syncs_total`,
    help: 'Syncs of calendars, by provider and outcome.',
    labelNames: ['provider', 'outcome'],
    registers,
  })

  const pushNotices = new Counter({
    name: `${PREFIX}push_notices_total`,
    help: 'Notices of changes in calendars, by what became of them.',
    labelNames: ['outcome'],
    registers,
  })

  const lostNotices = new Counter({
    name: `${PREFIX}push_notices_lost_total`,
    help: 'Changes in calendars that were found by looking, though a notice should have announced them.',
    registers,
  })

  return {
    countRequest: ({ route, method, status, durationMs }) =>
      requests.observe({ route, method, status }, durationMs / 1000),
    countHttpCall: ({ guard, outcome, durationMs }) => httpCalls.observe({ guard, outcome }, durationMs / 1000),
    countJobRun: ({ name, outcome, durationMs }) => {
      jobRuns.inc({ name, outcome })
      jobSeconds.inc({ name }, Math.max(0, durationMs) / 1000)
    },
    countCalendarSync: (sync) => calendarSyncs.inc(sync),
    countPushNotice: (notice) => pushNotices.inc(notice),
    countLostNotices: (count) => lostNotices.inc(count),
    addGauge: (definition) => addGauge(registry, definition),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function addGauge(registry: Registry, definition: GaugeDefinition): void {
  const gauge: Gauge<string> = new Gauge<string>({
    name: PREFIX + definition.name,
    help: definition.help,
    labelNames: definition.labelNames,
    registers: [registry],
    collect: async () => {
      gauge.reset() // A value that is no longer reported must not stay for ever.
      await definition.collect((labels, value) => gauge.set(labels, value))
    },
  })
}
