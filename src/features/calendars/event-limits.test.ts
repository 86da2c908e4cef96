import { expect, test } from 'vitest'
import { createEventPlaces, type EventPlace, limitPerDay } from './event-limits.ts'

const day = 20_000
const placeOf = (over: Partial<EventPlace> = {}): EventPlace => ({
  roomKey: 'jitsi:meet.jit.si/daily',
  startsAt: new Date(day * 86_400_000),
  ownResponse: 'accepted',
  ...over,
})
const elsewhere = { roomKey: null }

test('a calendar has 10,000 events to come, and as many that nobody answered', () => {
  const places = createEventPlaces([{ roomKey: null, day, isUnasked: false, count: 9_999 }])
  expect(places.take(placeOf(elsewhere))).toBeUndefined()
  expect(places.take(placeOf(elsewhere))).toBe('calendar_full')
  expect(places.take(placeOf({ ...elsewhere, ownResponse: 'needs_action' }))).toBeUndefined()
  places.release(placeOf(elsewhere))
  expect(places.take(placeOf(elsewhere))).toBeUndefined()
})

test('a room has 100 on one day, each day and each room for itself', () => {
  const places = createEventPlaces([{ roomKey: placeOf().roomKey, day, isUnasked: false, count: 100 }])
  expect(places.take(placeOf())).toBe('room_day_full')
  expect(places.take(placeOf({ startsAt: new Date((day + 1) * 86_400_000) }))).toBeUndefined()
  expect(places.take(placeOf({ roomKey: 'jitsi:meet.jit.si/other' }))).toBeUndefined()
  expect(places.take(placeOf({ ownResponse: 'needs_action' }))).toBeUndefined()
})

test('what moves needs a place in its new room and day alone', () => {
  const places = createEventPlaces([
    { roomKey: null, day, isUnasked: false, count: 10_000 },
    { roomKey: placeOf().roomKey, day, isUnasked: false, count: 99 },
  ])
  expect(places.move(placeOf(elsewhere), placeOf())).toBeUndefined()
  expect(places.move(placeOf(elsewhere), placeOf())).toBe('room_day_full')
})

test('of one invitation the first of each day are kept', () => {
  const at = (ms: number) => ({ startsAt: new Date(day * 86_400_000 + ms) })
  const events = Array.from({ length: 60 }, (_, n) => at(((n * 7) % 60) * 1_000))
  const { kept, leftOut } = limitPerDay([...events, at(86_400_000)])
  expect(leftOut).toBe(36)
  expect(kept.map(({ startsAt }) => startsAt.getTime() - day * 86_400_000)).toEqual([
    ...Array.from({ length: 24 }, (_, n) => n * 1_000),
    86_400_000,
  ])
})
