import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { AppError } from '../../../base/errors.ts'
import { writePrivateFile } from './private-file.ts'

/** Below the range from which systems take ports for outgoing connections, so that a server that restarts finds its port still free. */
const FIRST_PORT = 20_000
const LAST_PORT = 31_999

/** The remembered port if it is free, else another free one between 20000 and 31999. */
export async function choosePort(remembered: number | undefined): Promise<number> {
  if (remembered !== undefined && (await isPortFree(remembered))) return remembered
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1)
    if (await isPortFree(port)) return port
  }
  throw new AppError(
    'database_failed',
    `No free port for the database was found on 127.0.0.1 between ${FIRST_PORT} and ${LAST_PORT}.`,
  )
}

async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

export async function recallPort(file: string): Promise<number | undefined> {
  const port = Number(await readFile(file, 'utf8').catch(() => ''))
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
}

export async function rememberPort(file: string, port: number): Promise<void> {
  if ((await recallPort(file)) !== port) await writePrivateFile(file, `${port}\n`)
}
