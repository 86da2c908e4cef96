import { describe, expect, test } from 'vitest'
import { chooseHeard, type Heard } from './judge-move.ts'

const at = (time: string) => new Date(`2026-11-23T${time}:00Z`)
const meeting = { id: 'held', startsAt: at('13:00'), endsAt: at('14:00') }
const other: Heard = { meetingId: 'other', from: at('13:01'), until: at('14:05'), isSettled: true }
const choose = (heard: readonly Heard[], now = at('15:00')) => chooseHeard(meeting, heard, now)

describe('What was heard for another meeting', () => {
  test('is given over where it is wholly of the time of the one that was held', () => {
    expect(choose([other])).toEqual(other)
    expect(choose([])).toBeUndefined()
  })

  test('stays where it is of another time', () => {
    expect(choose([{ ...other, from: at('14:00') }])).toBeUndefined()
    expect(choose([{ ...other, from: at('12:00'), until: at('13:00') }])).toBeUndefined()
  })

  test.each<[string, readonly Heard[], Date, string]>([
    ['while the meeting runs', [other], at('13:30'), 'still being written'],
    ['while it is written', [{ ...other, isSettled: false }], at('15:00'), 'still being written'],
    ['where it began before', [{ ...other, from: at('12:30') }], at('15:00'), 'reaches beyond'],
    ['where it goes on for long', [{ ...other, until: at('15:00') }], at('16:00'), 'reaches beyond'],
    ['where there are two', [other, { ...other, meetingId: 'third' }], at('15:00'), "the meeting third's"],
    ['where this one has a recording', [other, { ...other, meetingId: 'held' }], at('15:00'), 'of its own'],
  ])('is not given over %s', (_, heard, now, why) => {
    expect(() => choose(heard, now)).toThrow(why)
  })
})
