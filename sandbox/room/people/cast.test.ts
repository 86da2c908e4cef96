import { stat } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { clips, clipsFolder, findClip } from '../../voices/clips.ts'
import { actionsOf } from './cast.ts'
import { takeTurns } from './take-turns.ts'

describe('A cast', () => {
  it('is played by time', () => {
    const actions = actionsOf({
      name: 'Ana',
      says: [{ clip: 'slt-closing', atMs: 900 }],
      writes: [{ text: 'Hello', atMs: 100 }],
      leavesAtMs: 5_000,
    })
    expect(actions.map(({ kind }) => kind)).toEqual(['write', 'say', 'leave'])
  })

  it('is refused where it cannot be played', () => {
    expect(() => actionsOf({ name: 'Ana', says: [{ clip: 'none', atMs: 0 }] })).toThrow('There is no clip none')
    expect(() => actionsOf({ name: 'Ana', joinsAtMs: 10, leavesAtMs: 5 })).toThrow('Ana cannot leave at 5 ms')
  })

  it('that takes turns never has two speak at once', () => {
    const speakers = [
      { name: 'Ana', clips: ['slt-opening', 'slt-question'] },
      { name: 'Ben', clips: ['rms-delivery'] },
    ]
    const cast = takeTurns({ speakers, startsAtMs: 1_000, endsAtMs: 30_000 })
    const said = cast.flatMap(({ says = [] }) => says).sort((a, b) => a.atMs - b.atMs)
    expect(said.slice(0, 4).map(({ clip }) => clip)).toEqual([
      'slt-opening',
      'rms-delivery',
      'slt-question',
      'rms-delivery',
    ])
    for (const [index, { atMs }] of said.slice(1).entries()) {
      const before = said[index]
      expect(atMs).toBeGreaterThan((before?.atMs ?? 0) + findClip(before?.clip ?? '').durationMs)
    }
  })
})

describe('The clips', () => {
  it('are small files in four voices, of a few seconds each', async () => {
    const sizes = await Promise.all(
      clips.map(async ({ name }) => (await stat(path.join(clipsFolder, `${name}.opus`))).size),
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000)
    expect(new Set(clips.map(({ voice }) => voice)).size).toBe(4)
    for (const { durationMs } of clips) {
      expect(durationMs).toBeGreaterThan(3_000)
      expect(durationMs).toBeLessThan(10_000)
    }
  })
})
