import { readFileSync } from 'node:fs'

/**
 * Tells once a process has used no CPU for so long: it was stopped, or waits for what never comes. For one that owes an answer. Answers how to
 * stop watching. Only Linux says what a process used; elsewhere nothing is told.
 */
export function watchProcess(pid: number, ms: number, standsStill: () => void): () => void {
  let used = readCpuTicks(pid)
  let sinceMs = performance.now()
  const timer = setInterval(() => {
    const now = readCpuTicks(pid)
    if (now === undefined || now !== used) sinceMs = performance.now()
    used = now
    if (performance.now() - sinceMs >= ms) standsStill()
  }, ms / 3).unref()
  return () => clearInterval(timer)
}

/** Undefined where nobody tells. */
function readCpuTicks(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold anything, brackets too; user and system time are the 14th and 15th field (proc_pid_stat(5)).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return undefined
  }
}
