import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTranscript } from '../../src/features/transcripts/index.ts'
import type { AttendanceWorld } from '../support/attendance-world.ts'
import { type RoomStory, type SaidMeeting, type ToldDay, tellDay } from '../support/day-in-rooms.ts'
import { until } from '../support/until.ts'

// The table of cases on whose words are whose (the rows that are about who holds a room when), each in a room of its own, all on one day.

const invites = ['guest', 'guest2']
const A1: SaidMeeting = { id: 'A', at: '13:00-14:00', organizer: 'host', invites, accepted: invites }
const A2: SaidMeeting = { ...A1, organizer: 'client' }
const B: SaidMeeting = { id: 'B', at: '13:00-14:00', organizer: 'insider' }

const stories: Readonly<Record<string, RoomStory>> = {
  '1b': {
    meetings: [A2, { ...B, at: '12:00-15:00', invites: ['guest'] }],
    people: [['guest', '13:00-14:05']],
    heard: { '12:30': 'B', '13:00': 'A', '14:00': 'A', '14:05': 'B' },
  },
  '5b': {
    meetings: [A1, { ...B, invites: ['host'], accepted: ['host'] }],
    people: [
      ['insider', '13:00-13:30'],
      ['host', '13:00-14:00'],
    ],
    brought: 'host',
    heard: { '13:00': 'A', '13:30': 'A' },
  },
  '8': {
    meetings: [
      { ...B, id: 'C', at: '12:00-12:45' },
      { ...A1, title: 'A #norecord' },
      { ...B, id: 'D', at: '13:30-15:00' },
    ],
    people: [['insider', '12:00-15:00']],
    heard: { '12:30': 'C', '13:00': 'none', '13:30': 'none', '14:05': 'D' },
  },
  '9': {
    meetings: [{ ...B, at: '12:00-16:00', invites: ['host', 'guest', 'guest2'] }, A1],
    people: [['host', '13:00-14:05']],
    brought: 'host',
    heard: { '12:30': 'B', '13:00': 'A', '14:00': 'A', '14:05': 'B' },
  },
  '10': {
    meetings: [{ ...B, at: '12:00-16:00', invites: ['host', 'guest', 'guest2'] }, A1],
    people: [
      ['somebody?', '12:00-14:20'],
      ['host', '13:00-14:05'],
      ['guest', '13:00-14:20'],
    ],
    brought: 'late',
    heard: { '12:30': 'B', '13:00': 'A', '13:30': 'A', '14:05': 'A', '14:20': 'B' },
  },
  '12': {
    meetings: [A1, { ...B, at: '14:00-15:00' }],
    people: [
      ['host', '13:00-14:05'],
      ['guest', '13:00-14:05'],
    ],
    heard: { '13:00': 'A', '14:00': 'A', '14:05': 'B' },
  },
  '12bots': {
    meetings: [A1, { ...B, at: '14:00-15:00' }],
    people: [
      ['host', '13:00-14:05'],
      ['our own!', '13:00-15:00'],
      ['notetaker*', '13:00-15:00'],
    ],
    heard: { '13:00': 'A', '14:00': 'A', '14:05': 'B' },
  },
  '13': {
    meetings: [A1, { ...B, at: '14:00-15:00', organizer: 'late', invites: ['insider2'], accepted: ['insider2'] }],
    people: [
      ['host', '13:00-14:05'],
      ['late', '14:01-15:00'],
    ],
    heard: { '14:00': 'A', '14:05': 'B' },
  },
  '14': {
    meetings: [
      { ...A1, invites: ['guest'], accepted: ['guest'] },
      { ...A1, id: 'B', at: '14:00-14:30', invites: ['guest2'], accepted: ['guest2'] },
      { ...A1, id: 'C', at: '14:30-15:00', invites: ['late'], accepted: ['late'] },
    ],
    people: [
      ['host', '13:00-15:00'],
      ['guest', '13:00-14:05'],
    ],
    heard: { '13:00': 'A', '14:00': 'A', '14:05': 'B', '14:30': 'C' },
  },
  '15': {
    meetings: [
      { ...A1, id: 'L', at: '12:00-16:00', invites: ['guest', 'colleague'], accepted: ['colleague'] },
      { ...A1, id: 'S', at: '13:00-13:30', invites: ['guest'], accepted: ['guest'] },
    ],
    people: [
      ['host', '12:00-15:00'],
      ['guest', '13:00-15:00'],
      ['colleague', '12:00-15:00'],
    ],
    brought: 'host',
    heard: { '12:30': 'L', '13:00': 'S', '13:30': 'L', '14:00': 'L' },
  },
  '16a': {
    meetings: [A1, { ...B, at: '13:30-14:30', organizer: 'guest', invites: ['late'], accepted: ['late'] }],
    people: [
      ['guest', '13:00-14:30'],
      ['late', '13:30-14:30'],
      ['guest2', '13:00-14:30'],
    ],
    heard: { '13:30': 'A', '14:05': 'A', '14:15': 'B' },
  },
  '16b': {
    meetings: [{ ...B, id: 'L', at: '12:00-16:00', organizer: 'guest', invites: ['colleague'] }, A1],
    people: [
      ['guest', '12:00-15:00'],
      ['host', '13:00-14:00'],
    ],
    brought: 'host',
    heard: { '12:30': 'L', '13:00': 'A', '14:00': 'L' },
  },
  '29': {
    meetings: [A1, { ...B, organizer: 'late', invites: ['insider2'], accepted: ['insider2'] }],
    people: [
      ['late', '13:05-14:00'],
      ['insider2', '13:05-14:00'],
    ],
    brought: 'host',
    heard: { '13:00': 'A', '13:05': 'B', '13:30': 'B' },
  },
  '31': {
    meetings: [{ ...B, invites: ['guest', 'guest2'] }, A2],
    people: [['guest', '13:05-14:00']],
    heard: { '13:00': 'B', '13:05': 'A', '13:30': 'A' },
  },
  '33': {
    meetings: [{ ...B, at: '12:30-12:59', invites: ['insider2'], accepted: ['insider2'] }, A1],
    people: [
      ['insider2', '12:30-14:00'],
      ['host', '13:00-14:00'],
    ],
    brought: 'host',
    heard: { '12:30': 'B', '13:00': 'A', '13:30': 'A' },
  },
  '34': {
    meetings: [A1, { ...B, invites: ['host'], accepted: ['host'] }],
    people: [
      ['host', '13:00-14:00'],
      ['guest', '13:00-14:00'],
    ],
    brought: 'late',
    heard: { '13:00': 'A', '13:30': 'A' },
  },
  '36': {
    meetings: [{ ...A1, organizer: 'late', invites: ['client'], accepted: [] }],
    people: [
      ['late', '13:00-14:00'],
      ['client?', '13:00-14:00'],
    ],
    brought: 'host',
    heard: { '13:00': 'A' },
  },
}

let day: ToldDay & AsyncDisposable

beforeAll(async () => {
  day = await tellDay(stories)
}, 120_000)

afterAll(async () => {
  await day?.[Symbol.asyncDispose]()
})

test.each(Object.keys(stories))('row %s: the sound of a room is one meeting’s at every instant', (row) => {
  expect(day.heard.get(row)).toEqual(stories[row]?.heard)
})

test('at every instant there was at most one bot of ours in each room', () => {
  for (const row of Object.keys(stories)) expect([row, day.world.rooms.peak(day.world.urlOf(row))]).toEqual([row, 1])
})

test('a meeting is told the names of those who were there while it held the room, and of nobody else', async () => {
  expect(await day.namesOf('10', 'B')).toEqual(['somebody?'])
  expect(await day.namesOf('10', 'A')).toEqual(['guest', 'host', 'somebody?'])
  expect(await day.namesOf('29', 'A')).toEqual([])
  expect(await day.namesOf('5b', 'B')).toEqual([])
  const { id } = await day.meetingOf('12bots', 'A')
  const transcript = await readTranscript(day.world.app.db, id)
  expect(transcript?.participants.map(({ name }) => name).toSorted()).toEqual(['host', 'notetaker*'])
})

test('a meeting that was planned as not attended, and comes to hold its room, is attended from then on', async () => {
  expect(await day.meetingOf('29', 'B')).toMatchObject({ decision: 'attend', heldAt: expect.any(Date) })
  expect(await day.meetingOf('5b', 'B')).toMatchObject({
    decision: 'skip',
    reason: 'another_meeting_held',
    heldAt: null,
  })
})

test('after every bot host was lost, and after another worker took over, each room goes on as the meeting’s that had it', async () => {
  const next: SaidMeeting = { ...B, at: '14:00-16:00' }
  const people: RoomStory['people'] = [
    ['somebody?', '12:00-14:30'],
    ['host', '13:00-14:30'],
    ['guest', '13:00-14:30'],
  ]
  const told: Readonly<Record<string, RoomStory>> = {
    over: { meetings: [A1, next], people, heard: { '14:00': 'A', '14:05': 'A', '14:10': 'A', '14:30': 'B' } },
    squat: {
      meetings: [{ ...B, at: '12:00-16:00', invites: ['host', 'guest'] }, A1],
      people,
      brought: 'late',
      heard: { '12:30': 'B', '13:00': 'A', '13:30': 'A', '14:05': 'A', '14:10': 'A', '14:30': 'B' },
    },
    nested: {
      meetings: [
        { ...A1, id: 'L', at: '12:00-16:00' },
        { ...A1, id: 'S', at: '13:30-14:05', invites: ['guest'], accepted: ['guest'] },
      ],
      people: people.slice(1),
      brought: 'host',
      heard: { '13:00': 'L', '13:30': 'S', '14:00': 'S', '14:05': 'L', '14:10': 'L' },
    },
  }
  const crash = async (world: AttendanceWorld) => {
    world.rooms.crash()
    const isIn = (room: string) => world.rooms.present(world.urlOf(room)).length > 0
    await until(
      () => Object.keys(told).filter(isIn).length,
      (count) => count === Object.keys(told).length,
    )
  }
  const isLost = ({ state }: { state: string }) => state === 'fatal_error'
  await using lost = await tellDay(told, {
    '13:31': crash,
    '14:02': crash,
    '14:08': async (world) => {
      world.startWorker({ clock: world.app.clock })
      await world.workers[0]?.handOver()
    },
  })
  for (const room of Object.keys(told)) {
    expect([room, lost.heard.get(room)]).toEqual([room, told[room]?.heard])
    expect([room, lost.world.rooms.peak(lost.world.urlOf(room))]).toEqual([room, 1])
  }
  expect((await lost.world.bots()).filter(isLost).length).toBeGreaterThan(0)
}, 120_000)
