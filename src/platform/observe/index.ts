export { LEAST_FREE_BYTES, tryDiskOfFolder } from './disk-check.ts'
export { type CheckResult, createHealth, type Health, type HealthCheck, type Readiness } from './health.ts'
export { createLogCapture, type LogCapture } from './log-capture.ts'
export type { LogDestination } from './log-destination.ts'
export {
  createLogger,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './logger.ts'
export { createMetrics, type GaugeDefinition, type Metrics } from './metrics.ts'
export { redactText } from './redact-text.ts'
