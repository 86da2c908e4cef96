import type { Hearing } from '../../runner.ts'
import type { CaptureCounts } from './read-report.ts'

/** How long each of these may stand still. The page reports twice a second and counts packets every other second. */
const PATIENCE_MS = { reports: 8_000, connection: 15_000, packets: 12_000, frames: 6_000 }

/**
 * Tells silence from deafness: silence is packets and frames without a sound, deafness is one of them missing while people are there.
 * Answers the first step of page, connection, packets and frames that does not hold.
 */
export function createMediaWatchdog(beganAtMs: number) {
  let counts: CaptureCounts | undefined
  const movedAt = { reports: beganAtMs, connection: beganAtMs, packets: beganAtMs, frames: beganAtMs }
  let soundAtMs: number | undefined
  return {
    note(next: CaptureCounts, nowMs: number): void {
      movedAt.reports = nowMs
      if (next.connected > 0) movedAt.connection = nowMs
      if (next.packets > (counts?.packets ?? 0)) movedAt.packets = nowMs
      if (next.frames > (counts?.frames ?? 0)) movedAt.frames = nowMs
      if (next.sounds > (counts?.sounds ?? 0)) soundAtMs = nowMs
      counts = next
    },
    /** When there was a sound last. */
    soundAtMs: () => soundAtMs,
    hearing(company: number, nowMs: number): Hearing {
      // Nobody there sends nothing, and time begins when somebody comes.
      if (company === 0) for (const step of ['connection', 'packets', 'frames'] as const) movedAt[step] = nowMs
      const isLate = (step: keyof typeof PATIENCE_MS) => nowMs - movedAt[step] > PATIENCE_MS[step]
      if (isLate('reports')) return 'page_gone'
      if (isLate('connection')) return 'unconnected'
      if (isLate('packets')) return 'no_packets'
      if (isLate('frames')) return 'no_frames'
      return 'well'
    },
  }
}
