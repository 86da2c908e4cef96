import { PACKET_MS, WIDEBAND_PACKET_SAMPLES } from '../../../formats/opus/packet-length.ts'
import type { AudioEvent } from '../runners/runner.ts'

/**
 * The share of a seat's sound that belongs to one of its meetings: from `fromMs` to `untilMs` of the seat's time, with the meeting's own time
 * running from `fromMs`. Undefined where nothing of it does. Pure.
 */
export function cutAudio(audio: AudioEvent, fromMs: number, untilMs: number): AudioEvent | undefined {
  const first = Math.max(0, Math.ceil((fromMs - audio.startedMs) / PACKET_MS))
  const end = Math.min(audio.packets.length, Math.max(0, Math.ceil((untilMs - audio.startedMs) / PACKET_MS)))
  if (first >= end) return undefined
  const startedMs = audio.startedMs + first * PACKET_MS - fromMs
  if (first === 0 && end === audio.packets.length) return { ...audio, startedMs }
  return {
    ...audio,
    startedMs,
    durationMs: (end - first) * PACKET_MS,
    packets: audio.packets.slice(first, end),
    pcm: audio.pcm?.slice(first * WIDEBAND_PACKET_SAMPLES, end * WIDEBAND_PACKET_SAMPLES) ?? null,
  }
}
