import { copyFile, open, readFile, stat, truncate } from 'node:fs/promises'
import { giveToFolderOwner } from './private-file.ts'

const LIMIT_BYTES = 10 * 1024 * 1024
const CHECK_MS = 60_000

/** Opens the server's log for appending; the caller closes the handle once the server has it. A file, not a pipe: it outlives us. */
export async function openServerLog(logPath: string) {
  const handle = await open(logPath, 'a', 0o600)
  await giveToFolderOwner(logPath)
  return handle
}

/**
 * Keeps a log under about 10 MB, with one older part beside it. Copied and emptied rather than renamed, because the server has it open.
 * Returns what ends the watching.
 */
export function watchServerLog(logPath: string, limitBytes = LIMIT_BYTES): () => void {
  void trimServerLog(logPath, limitBytes)
  const timer = setInterval(() => void trimServerLog(logPath, limitBytes), CHECK_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Never throws: a log that cannot be trimmed is no reason to stop a server. */
export async function trimServerLog(logPath: string, limitBytes = LIMIT_BYTES): Promise<void> {
  try {
    if ((await stat(logPath)).size <= limitBytes) return
    await copyFile(logPath, `${logPath}.1`)
    await truncate(logPath, 0)
  } catch {}
}

export async function sizeOfLog(logPath: string): Promise<number> {
  return stat(logPath).then(
    (found) => found.size,
    () => 0,
  )
}

/** What was logged after a position, at most the last `lines` lines. */
export async function readLogSince(logPath: string, position: number, lines = 12): Promise<string> {
  const text = await readFile(logPath).catch(() => Buffer.alloc(0))
  return text.subarray(position).toString('utf8').trim().split('\n').slice(-lines).join('\n')
}
