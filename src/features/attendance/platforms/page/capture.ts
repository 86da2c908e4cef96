import { BLOCK_MS, loudnessOf } from './block.ts'
import { createDecimator } from './decimate.ts'
import { type BlockEncoder, createBlockEncoder } from './encode-blocks.ts'
import { createEnergyGate } from './energy-gate.ts'
import { createMixer } from './mix-blocks.ts'
import { createOutbox } from './outbox.ts'
import { readTrack, type TrackReader } from './read-track.ts'
import { watchConnections } from './watch-connections.ts'

interface CaptureOptions {
  /** Sends text out of the page. */
  send: (text: string) => void
  /** The participant whom a track belongs to now, as the platform names them; null while it is not known. */
  ownerOf: (track: MediaStreamTrack) => string | null
  mixBitrate: number
  voiceBitrate: number
  flushMs: number
  /** Loudness from which a voice counts as sound. */
  soundAt: number
}

interface Capture {
  /** Begins the recording; answers the instant of its first sample. */
  start(): number
  /** Ends it; resolves when the last of it was sent. */
  stop(): Promise<void>
}

interface Voice {
  name: string
  track: MediaStreamTrack
  owner: string | null
  reader: TrackReader | undefined
  heard(index: number, block: Float32Array): void
  encoder: BlockEncoder<{ index: number; pcm: Int16Array }> | undefined
}

const MEASURE_EVERY_MS = 2_000
const HANGOVER_BLOCKS = 40
const PREROLL_BLOCKS = 15

/** Installs the capture of everything that is heard in this page. Called once, before the page's own scripts. */
export function installCapture(options: CaptureOptions): Capture {
  const voices = new Map<string, Voice>()
  const counts = { frames: 0, sounds: 0, lost: 0, tracks: 0, liveTracks: 0 }
  let connections = { connections: 0, connected: 0, packets: 0 }
  let count = 0
  let startedAt = Number.NaN
  let timers: ReturnType<typeof setInterval>[] = []

  const elapsedMs = () => performance.now() - startedAt
  const outbox = createOutbox(options.send, (name) => refreshOwner(voices.get(name)))
  const mixEncoder = lazily(() =>
    createBlockEncoder<number>({
      bitrate: options.mixBitrate,
      onPacket: (packet, index) => outbox.put(null, { index, packet, pcm: null }),
      onLost: noteLost,
    }),
  )
  const mixer = createMixer((index, block) => mixEncoder().push(block, index))
  const watch = watchConnections(listen)

  function noteLost(blocks: number) {
    counts.lost += blocks
  }

  /** A page may take a track from its participant before we have sent the last of it, so a known owner stays until another is named. */
  function refreshOwner(voice: Voice | undefined): string | null {
    if (!voice) return null
    voice.owner = options.ownerOf(voice.track) ?? voice.owner
    return voice.owner
  }

  function listen(track: MediaStreamTrack) {
    const name = `voice-${++count}`
    const gate = createEnergyGate({
      openAt: options.soundAt,
      prerollBlocks: PREROLL_BLOCKS,
      hangoverBlocks: HANGOVER_BLOCKS,
    })
    const decimator = createDecimator()
    let last = Number.NaN
    const voice: Voice = {
      name,
      track,
      owner: null,
      reader: undefined,
      encoder: undefined,
      heard(index, block) {
        const loudness = loudnessOf(block)
        counts.frames++
        if (loudness >= options.soundAt) counts.sounds++
        mixer.add(name, index, block)
        for (const gated of gate({ index, block }, loudness)) {
          if (gated.index !== last + 1) decimator.reset()
          last = gated.index
          voice.encoder ??= createBlockEncoder({
            bitrate: options.voiceBitrate,
            onPacket: (packet, kept) => outbox.put(name, { packet, ...kept }),
            onLost: noteLost,
          })
          voice.encoder.push(gated.block, { index: gated.index, pcm: decimator.push(gated.block) })
        }
      },
    }
    voices.set(name, voice)
    voice.reader = readTrack(track, { elapsedMs, onBlock: voice.heard, onEnd: () => void forget(voice) })
  }

  async function forget(voice: Voice) {
    mixer.forget(voice.name)
    await voice.encoder?.finish()
    flush()
    voice.encoder?.close()
    voices.delete(voice.name)
  }

  function flush() {
    if (Number.isNaN(startedAt)) return
    counts.tracks = voices.size
    counts.liveTracks = [...voices.values()].filter(({ track }) => !track.muted && track.readyState === 'live').length
    outbox.flush({ ...counts, ...connections })
  }

  return {
    start() {
      startedAt = performance.now()
      const measure = async () => {
        connections = await watch.measure()
      }
      void measure()
      const tick = () => {
        mixer.advance(Math.floor(elapsedMs() / BLOCK_MS))
        mixEncoder().encode()
        for (const { encoder } of voices.values()) encoder?.encode()
        flush()
      }
      timers = [setInterval(tick, options.flushMs), setInterval(() => void measure(), MEASURE_EVERY_MS)]
      return performance.timeOrigin + startedAt
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await Promise.all([...voices.values()].map(({ reader }) => reader?.catchUp()))
      mixer.finish(Math.floor(elapsedMs() / BLOCK_MS))
      await Promise.all([mixEncoder().finish(), ...[...voices.values()].map(({ encoder }) => encoder?.finish())])
      flush()
      startedAt = Number.NaN
    },
  }
}

/** Pages that never come to a meeting should not hold an encoder. */
function lazily<T>(create: () => T): () => T {
  let created: T | undefined
  return () => {
    created ??= create()
    return created
  }
}
