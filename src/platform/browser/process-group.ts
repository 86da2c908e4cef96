import { readFileSync } from 'node:fs'

/**
 * The group of processes that one belongs to. A browser is started as the leader of its own group (playwright-core 1.65), unless what is started
 * is a script that starts the browser, as Debian's chromium-headless-shell is: then the script leads.
 */
export function groupOfProcess(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold anything, brackets too; after it come state, parent and group (proc_pid_stat(5)).
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[2])
  } catch {
    // Other systems have no such file, and no such scripts.
    return pid
  }
}

/** Kills all processes of a group, those that stand still too. Does nothing where there are none. */
export function endProcessGroup(group: number): void {
  // Less would mean our own group, or everybody.
  if (group <= 1) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // They are gone.
  }
}
