import { mkdir, open, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Logger } from '../../../platform/observe/index.ts'
import type { AudioEvent } from '../runners/runner.ts'

/** Ten minutes of twenty bots, each of which hears two people at once. */
const MOST_BYTES = 2 ** 30
/** A record begins with whether it waits, and the length of what follows. */
const HEAD_BYTES = 5
const WAITS = 1
const WRITTEN = 0

/** Sound of a bot with what is needed to store it when its worker is gone. */
export interface SoundOfBot {
  botId: string
  meetingId: string
  /** The instant of the first sample. */
  startedAt: Date
  audio: AudioEvent
}

/** Sound that waits on the disk. */
export interface Kept {
  /** Undefined where it could not be kept. */
  read(): Promise<AudioEvent | undefined>
  /** It is in the database: nobody needs it any more. */
  done(): Promise<void>
}

/**
 * Keeps sound on the disk that the database cannot take now, up to a bound, in one file of this worker. What is over the bound is lost. When all of
 * it is in the database the file is empty again; what a killed worker leaves there is read by `readLeftSound`.
 */
export class KeptSound implements AsyncDisposable {
  readonly #file: string
  readonly #mostBytes: number
  readonly #log: Pick<Logger, 'warn' | 'error'>
  #handle: ReturnType<typeof open> | undefined
  /** One after another, so that nothing is written before what was there is emptied. */
  #work: Promise<unknown> = Promise.resolve()
  #endBytes = 0
  #waiting = 0
  #isFull = false

  constructor(options: {
    folder: string
    workerId: string
    log: Pick<Logger, 'warn' | 'error'>
    mostBytes?: number
  }) {
    this.#file = fileOf(options.folder, options.workerId)
    this.#mostBytes = options.mostBytes ?? MOST_BYTES
    this.#log = options.log
  }

  keep(sound: SoundOfBot): Kept {
    const body = serialize(sound)
    const at = this.#endBytes
    if (this.#isFull || at + HEAD_BYTES + body.length > this.#mostBytes) return this.#lose(undefined)
    if (this.#waiting === 0) this.#log.warn('Sound waits on the disk for the database', { file: this.#file })
    this.#endBytes += HEAD_BYTES + body.length
    this.#waiting++
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt8(WAITS)
    head.writeUInt32LE(body.length, 1)
    const kept = this.#write(Buffer.concat([head, body]), at).then(
      () => true,
      (error) => {
        this.#lose(error)
        return false
      },
    )
    return {
      read: async () => ((await kept) ? this.#read(at + HEAD_BYTES, body.length) : undefined),
      done: async () => {
        if (await kept) await this.#write(Buffer.of(WRITTEN), at).catch(() => {})
        if (--this.#waiting === 0) await this.#empty()
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work
    await (await this.#handle)?.close()
    if (this.#waiting === 0) await rm(this.#file, { force: true })
  }

  #write(bytes: Buffer, at: number): Promise<void> {
    this.#handle ??= mkdir(path.dirname(this.#file), { recursive: true }).then(() => open(this.#file, 'w+', 0o600))
    return this.#inTurn(async () => void (await (await this.#handle)?.write(bytes, 0, bytes.length, at)))
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => {})
    return done
  }

  async #read(at: number, length: number): Promise<AudioEvent | undefined> {
    const bytes = Buffer.alloc(length)
    await (await this.#handle)?.read(bytes, 0, length, at)
    return (deserialize(bytes) as SoundOfBot).audio
  }

  async #empty(): Promise<void> {
    this.#endBytes = 0
    this.#isFull = false
    await this.#inTurn(async () => void (await (await this.#handle)?.truncate(0))).catch(() => {})
  }

  #lose(error: unknown): Kept {
    if (!this.#isFull) this.#log.error('Sound is lost: the disk cannot keep it until the database is back', { error })
    this.#isFull = true
    return { read: async () => undefined, done: async () => {} }
  }
}

/** What a worker that is gone has left on this disk, in order; its file is removed when `store` has been called with all of it. */
export async function readLeftSound(
  input: { folder: string; workerId: string },
  store: (sounds: readonly SoundOfBot[]) => Promise<void>,
): Promise<void> {
  const file = fileOf(input.folder, input.workerId)
  const bytes = await readFile(file).catch(() => undefined)
  if (bytes === undefined) return
  const sounds: SoundOfBot[] = []
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const end = at + HEAD_BYTES + bytes.readUInt32LE(at + 1)
    // It was killed in the middle of the last one.
    if (end > bytes.length) break
    if (bytes.readUInt8(at) === WAITS) sounds.push(deserialize(bytes.subarray(at + HEAD_BYTES, end)) as SoundOfBot)
    at = end
  }
  if (sounds.length > 0) await store(sounds)
  await rm(file, { force: true })
}

function fileOf(folder: string, workerId: string): string {
  return path.join(folder, `${workerId}.sound`)
}
