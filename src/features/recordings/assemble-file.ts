import { playedSamples, writeMp4Head } from '../../formats/mp4/write-mp4-head.ts'
import { SILENCE } from '../../formats/opus/opus-packet.ts'
import { OPUS_RATE_HZ, PACKET_MS } from '../../formats/opus/packet-length.ts'
import type { BlobStore } from '../../platform/blobs/index.ts'
import type { Database } from '../../platform/db/index.ts'
import type { Span } from './plan-timeline.ts'
import { readStepOpus } from './step-store.ts'
import { readStep, type SoundPiece } from './survey-sound.ts'

interface AssembleDeps {
  db: Database
  blobs: BlobStore
}

/** Silence is written by the second. */
const SILENCE_PACKETS = 1_000 / PACKET_MS

/** What a file will be: its length is known before its first byte is made, which is why its index can stand in front. */
interface PlannedFile {
  durationMs: number
  content(deps: AssembleDeps, signal?: AbortSignal): AsyncGenerator<Uint8Array>
}

/** The file that spans make. Its contents hold one step at a time; they throw if a step is gone by then. */
export function planFile(spans: readonly Span<SoundPiece>[], preSkip: number): PlannedFile {
  const contents = { sizes: sizesOf(spans), preSkip }
  return {
    durationMs: Math.round((playedSamples(contents) * 1_000) / OPUS_RATE_HZ),
    async *content(deps, signal) {
      yield writeMp4Head(contents)
      for (const span of spans) {
        signal?.throwIfAborted()
        if (span.piece === undefined) yield* silence(span.count)
        else yield* soundOf(deps, span)
      }
    },
  }
}

function sizesOf(spans: readonly Span<SoundPiece>[]): Uint16Array {
  const sizes = new Uint16Array(spans.reduce((sum, span) => sum + span.count, 0))
  let at = 0
  for (const span of spans) {
    if (span.piece === undefined) sizes.fill(SILENCE.length, at, at + span.count)
    else sizes.set(span.piece.sizes.subarray(span.from, span.from + span.count), at)
    at += span.count
  }
  return sizes
}

function* silence(count: number): Generator<Uint8Array> {
  const second = Buffer.alloc(SILENCE_PACKETS * SILENCE.length, SILENCE)
  for (let rest = count; rest > 0; rest -= SILENCE_PACKETS) {
    yield second.subarray(0, Math.min(rest, SILENCE_PACKETS) * SILENCE.length)
  }
}

async function* soundOf(deps: AssembleDeps, span: Extract<Span<SoundPiece>, { piece: SoundPiece }>) {
  const { piece, from, count } = span
  if ('fileKey' in piece.origin) {
    const start = piece.origin.offset + sum(piece.sizes.subarray(0, from))
    const end = start + sum(piece.sizes.subarray(from, from + count))
    yield* deps.blobs.open(piece.origin.fileKey, { start, end })
    return
  }
  const opus = await readStepOpus(deps.db, piece.origin.stepId)
  const packets = opus && readStep(opus)?.packets.slice(from, from + count)
  if (packets?.length !== count) throw new Error(`The step ${piece.origin.stepId} changed while it was read`)
  yield Buffer.concat(packets)
}

function sum(sizes: Uint16Array): number {
  return sizes.reduce((total, size) => total + size, 0)
}
