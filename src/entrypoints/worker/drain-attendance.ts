import { setTimeout as wait } from 'node:timers/promises'
import type { Attendance } from '../../features/attendance/index.ts'
import type { StopRequest } from '../cli/run-until-stopped.ts'

/**
 * Ends attendance as it was asked to: the bots finish their meetings for at most `maxMs`, then what is left is handed over to another worker;
 * at once where a person at the terminal asked, or somebody asks again.
 */
export async function drainAttendance(
  attendance: Pick<Attendance, 'drain' | 'handOver'>,
  { signal, again }: StopRequest,
  maxMs: number,
): Promise<void> {
  if (signal !== 'SIGINT' && maxMs > 0) {
    const over = new AbortController()
    const deadline = wait(maxMs, undefined, { signal: over.signal }).catch(() => {})
    await Promise.race([attendance.drain(), deadline, again])
    over.abort()
  }
  await attendance.handOver()
}
