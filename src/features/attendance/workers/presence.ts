import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { Logger } from '../../../platform/observe/index.ts'
import type { WorkerFacts, WorkerPlace } from './worker-store.ts'

/** Whether the processes of this machine live, this one seen by others and others by this one. */
export interface Presence extends AsyncDisposable {
  /** Null where others cannot tell. */
  place: WorkerPlace | null
  /** True only where a worker ran on this machine and no process of it is left: neither itself nor a bot host or a browser of its. */
  isGone(worker: Pick<WorkerFacts, 'id' | 'place'>): Promise<boolean>
  /** Removes what one that is gone has left there. */
  forget(worker: Pick<WorkerFacts, 'place'>): Promise<void>
}

/**
 * Shows for as long as this process lives that it does: by a socket on which it listens, which ends with it however it ends, and which every
 * container that has its folder can see. What it starts bears the worker's name on its command line.
 */
export async function openPresence(input: {
  workerId: string
  dataDir: string
  log: Pick<Logger, 'warn'>
}): Promise<Presence> {
  const { workerId, dataDir, log } = input
  const folder = path.join(dataDir, 'workers')
  const socket = path.join(folder, `${workerId.replace(/\W|_/g, '').slice(-32)}.sock`)
  const machine = `${readText('/etc/machine-id')} ${os.hostname()}`
  const booted = readText('/proc/sys/kernel/random/boot_id')
  const server = createServer((connection) => connection.destroy())
  const listens = Promise.withResolvers<boolean>()
  server.once('error', (error) => {
    log.warn('Other workers on this machine cannot see when this one is gone', { socket, error })
    listens.resolve(false)
  })
  await mkdir(folder, { recursive: true }).catch(() => {})
  server.listen(socket, () => listens.resolve(true)).unref()
  const isSeen = await listens.promise
  return {
    place: isSeen ? { machine, booted, socket } : null,
    async isGone({ id, place }) {
      if (!place || place.machine !== machine || !(await isThere(place.socket))) return false
      return place.booted !== booted || (!(await answers(place.socket)) && !isNamedByAny(id))
    },
    forget: ({ place }) => rm(place?.socket ?? '', { force: true }),
    async [Symbol.asyncDispose]() {
      if (isSeen) await new Promise((resolve) => server.close(resolve))
    },
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

/** Whether somebody listens there. Who stands still does, and so does who cannot be asked. */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket)
    connection.once('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
}

function isNamedByAny(name: string): boolean {
  const entries = (() => {
    try {
      return readdirSync('/proc')
    } catch {
      return []
    }
  })()
  return entries.some((pid) => /^\d+$/.test(pid) && readText(`/proc/${pid}/cmdline`).includes(name))
}
