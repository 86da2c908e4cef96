import { expect, test } from 'vitest'
import { createOutbox } from '../../../platforms/page/outbox.ts'
import { createMediaWatchdog } from './media-watchdog.ts'
import { readPageScript } from './read-page-script.ts'
import { readReport } from './read-report.ts'

const counts = { frames: 1, sounds: 1, lost: 0, connections: 1, connected: 1, packets: 1 }

function send(fill: (outbox: ReturnType<typeof createOutbox>) => void): string {
  let sent = ''
  const outbox = createOutbox(
    (text) => {
      sent = text
    },
    (voice) => (voice === 'voice-1' ? 'ana' : null),
  )
  fill(outbox)
  outbox.flush(counts)
  return sent
}

test('what the page packs is unpacked as it was, in runs without gaps', () => {
  const pcm = (value: number) => new Int16Array(320).fill(value)
  const text = send((outbox) => {
    outbox.put(null, { index: 10, packet: Uint8Array.of(1, 2, 3), pcm: null })
    outbox.put('voice-1', { index: 5, packet: Uint8Array.of(4), pcm: pcm(-300) })
    outbox.put('voice-1', { index: 6, packet: Uint8Array.of(5, 6), pcm: pcm(301) })
    outbox.put('voice-1', { index: 90, packet: Uint8Array.of(7), pcm: pcm(7) })
    outbox.put('voice-2', { index: 1, packet: Uint8Array.of(8), pcm: pcm(8) })
  })
  const report = readReport(text)
  expect(report?.counts).toEqual(counts)
  const [mix, first, second, unknown] = report?.sounds ?? []
  expect(mix).toMatchObject({
    of: 'mix',
    nativeId: null,
    startedMs: 200,
    durationMs: 20,
    packets: [Uint8Array.of(1, 2, 3)],
    pcm: null,
  })
  expect(first).toMatchObject({
    of: 'voice',
    nativeId: 'ana',
    startedMs: 100,
    durationMs: 40,
    packets: [Uint8Array.of(4), Uint8Array.of(5, 6)],
  })
  expect([first?.pcm?.[0], first?.pcm?.[320], first?.pcm?.length]).toEqual([-300, 301, 640])
  expect(second).toMatchObject({ startedMs: 1_800, durationMs: 20 })
  expect(unknown).toMatchObject({ of: 'voice', voice: 'voice-2', nativeId: null })
})

test.each(['', 'hello', 'AAAA', '/////w==', Buffer.from('\u0002\0\0\0{}').toString('base64')])(
  'anything else that a page sends is nothing: %j',
  (text) => expect(readReport(text)).toBeUndefined(),
)

test('a report that promises more than it holds is nothing', () => {
  const text = send((outbox) => outbox.put(null, { index: 0, packet: Uint8Array.of(1, 2, 3, 4), pcm: null }))
  const bytes = Buffer.from(text, 'base64')
  expect(readReport(bytes.subarray(0, -1).toString('base64'))).toBeUndefined()
})

test('the script for the page is one script without modules', async () => {
  const script = await readPageScript()
  expect(() => new Function(script)).not.toThrow()
  expect(new Function(`${script}; return typeof bundle.installCapture`)()).toBe('function')
})

test('silence is packets and frames without a sound; deafness names what is missing', () => {
  const watchdog = createMediaWatchdog(0)
  let now = 0
  const state = { ...counts }
  const pass = (seconds: number, grows: Partial<typeof counts>) => {
    for (let i = 0; i < seconds; i++) {
      now += 1_000
      for (const [key, by] of Object.entries(grows)) state[key as keyof typeof counts] += by
      watchdog.note({ ...state }, now)
    }
    return watchdog.hearing(1, now)
  }
  expect(pass(60, { packets: 50, frames: 50, sounds: 1 })).toBe('well')
  expect(watchdog.soundAtMs()).toBe(60_000)
  expect(pass(600, { packets: 50, frames: 50 })).toBe('well')
  expect(watchdog.soundAtMs()).toBe(60_000)
  expect(pass(30, { packets: 50 })).toBe('no_frames')
  expect(pass(30, { frames: 50 })).toBe('no_packets')
  state.connected = 0
  expect(pass(30, {})).toBe('unconnected')
  now += 60_000
  expect(watchdog.hearing(1, now)).toBe('page_gone')
})

test('in an empty room nothing is missing', () => {
  const watchdog = createMediaWatchdog(0)
  watchdog.note(counts, 100_000)
  expect(watchdog.hearing(0, 100_000)).toBe('well')
  expect(watchdog.hearing(1, 105_000)).toBe('well')
})
