import { expect, test } from 'vitest'
import type { AudioEvent } from '../runners/runner.ts'
import { cutAudio } from './cut-audio.ts'

/** A second of sound from a time on; each packet says its number, each sample the number of its packet. */
function soundFrom(startedMs: number): AudioEvent {
  const packets = Array.from({ length: 50 }, (_, i) => Uint8Array.of(i))
  const pcm = Int16Array.from({ length: 50 * 320 }, (_, i) => Math.floor(i / 320))
  return { type: 'audio', of: 'voice', nativeId: 'a', voice: 'v', startedMs, durationMs: 1_000, packets, pcm }
}

test('sound that is all of one meeting keeps its packets and counts from the meeting’s beginning', () => {
  const sound = soundFrom(10_000)
  expect(cutAudio(sound, 4_000, 60_000)).toEqual({ ...sound, startedMs: 6_000 })
})

test('what was heard before the meeting is not its own', () => {
  expect(cutAudio(soundFrom(10_000), 11_000, Number.POSITIVE_INFINITY)).toBeUndefined()
  const share = cutAudio(soundFrom(10_000), 10_400, Number.POSITIVE_INFINITY)
  expect(share).toMatchObject({ startedMs: 0, durationMs: 600 })
  expect(share?.packets[0]).toEqual(Uint8Array.of(20))
  expect(share?.pcm?.length).toBe(30 * 320)
  expect(share?.pcm?.[0]).toBe(20)
})

test('what is heard after its end is not either, and two meetings that meet share no packet and lose none', () => {
  expect(cutAudio(soundFrom(10_000), 0, 10_000)).toBeUndefined()
  const border = 10_310
  const before = cutAudio(soundFrom(10_000), 0, border)
  const after = cutAudio(soundFrom(10_000), border, Number.POSITIVE_INFINITY)
  expect((before?.packets.length ?? 0) + (after?.packets.length ?? 0)).toBe(50)
  expect(before?.packets.at(-1)?.[0]).toBe((after?.packets[0]?.[0] ?? 0) - 1)
})

test('the mix has no samples to cut', () => {
  const mix: AudioEvent = { ...soundFrom(0), of: 'mix', nativeId: null, voice: null, pcm: null }
  expect(cutAudio(mix, 500, 700)).toMatchObject({ durationMs: 200, pcm: null })
})
