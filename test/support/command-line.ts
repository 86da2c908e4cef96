import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { vi } from 'vitest'
import { runCommandLine } from '../../src/entrypoints/cli/run-command-line.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { workerSecrets } from './worker-process.ts'

/** The command line of an installation with a database and a folder of its own. */
export interface TestCommandLine extends AsyncDisposable {
  db: TestDatabase['db']
  /** Answers the exit status and what was said, a line each. */
  run(...args: string[]): Promise<{ status: number; out: string }>
}

export async function createTestCommandLine(): Promise<TestCommandLine> {
  const database = await createTestDatabase()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rapporteur-command-'))
  return {
    db: database.db,
    async run(...args) {
      const settings = { ...workerSecrets, DATABASE_URL: database.url, DATA_DIR: folder, TIME_ZONE: 'Europe/Vienna' }
      for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
      const out: string[] = []
      const say = (line: string) => void out.push(line)
      return { status: await runCommandLine(args, { print: say, note: say }), out: out.join('\n') }
    },
    async [Symbol.asyncDispose]() {
      vi.unstubAllEnvs()
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}
