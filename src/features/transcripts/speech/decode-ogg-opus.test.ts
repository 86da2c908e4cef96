import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { clips, clipsFolder } from '../../../../sandbox/voices/clips.ts'
import { rmsOf } from './check-audio.ts'
import { decodeOggOpus } from './decode-ogg-opus.ts'

const [clip] = clips
const file = await readFile(path.join(clipsFolder, `${clip?.name}.opus`))

test('a clip is as long as it is said to be, to the millisecond, and can be heard', async () => {
  const audio = await decodeOggOpus(file)
  expect(Math.abs(audio.length / 16 - (clip?.durationMs ?? 0))).toBeLessThan(1)
  expect(rmsOf(audio)).toBeGreaterThan(0.02)
})

test('what is broken off, or no Ogg Opus at all, is refused', async () => {
  for (const bytes of [file.subarray(0, file.length / 2), Buffer.from(''), Buffer.from('RIFF and so on')]) {
    await expect(decodeOggOpus(bytes)).rejects.toMatchObject({ code: 'ogg_damaged' })
  }
})
