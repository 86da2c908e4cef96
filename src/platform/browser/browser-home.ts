import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const HOME_PREFIX = 'rapporteur-browser-'

/**
 * A folder of its own to call home: Chromium writes caches there, and the one of root is out of reach. Takes away those of our user whose
 * process was killed before it could.
 */
export function makeHome(): string {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^rapporteur-browser-(\d+)-/.exec(name) ?? []
    if (pid === undefined || existsSync(`/proc/${pid}`) || !existsSync('/proc/self')) continue
    try {
      rmSync(path.join(tmpdir(), name), { recursive: true, force: true })
    } catch {
      // Another user's.
    }
  }
  return mkdtempSync(path.join(tmpdir(), `${HOME_PREFIX}${process.pid}-`))
}
