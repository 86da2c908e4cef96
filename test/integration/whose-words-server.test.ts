import { expect, test } from 'vitest'
import { instantOf, type RoomStory, type SaidMeeting, tellServersDay } from '../support/day-in-rooms.ts'

// Bots of a server cannot share a seat: the next one is ordered at the hand-over, and none is for a meeting that never holds its room.

const invites = ['guest', 'guest2']
const A1: SaidMeeting = { id: 'A', at: '13:00-14:00', organizer: 'host', invites, accepted: invites }

test('row 27: the next bot comes at the hand-over, and none comes for a meeting that never holds the room', async () => {
  const story: RoomStory = {
    meetings: [
      A1,
      { ...A1, id: 'B', at: '14:00-15:00', invites: ['late'], accepted: ['late'] },
      { id: 'X', at: '13:30-14:30', organizer: 'insider' },
    ],
    people: [
      ['host', '13:00-15:00'],
      ['guest', '13:00-14:03'],
      ['late', '14:01-15:00'],
    ],
    brought: 'host',
    heard: {},
  }
  const visits = await tellServersDay(story, {
    ...{ '13:00': 1, '13:30': 1, '14:00': 1, '14:01': 1, '14:03': 2 },
    '14:31': 'nobody waits',
  })
  expect(visits.map(({ meeting }) => meeting)).toEqual(['A', 'B'])
  expect(visits[1]?.cameAt.getTime()).toBeGreaterThanOrEqual(instantOf('14:02') + 59_000)
}, 60_000)
