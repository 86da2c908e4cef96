import { expect, test } from 'vitest'
import type { SeenParticipant } from '../../../platforms/platform.ts'
import { createRoster } from './roster.ts'

const seen = (nativeId: string, name: string): SeenParticipant => ({ nativeId, name, isSelf: false })
const self: SeenParticipant = { nativeId: 'me', name: 'Meeting Assistant', isSelf: true }
const open = () => createRoster('Meeting Assistant', ['Fireflies', 'read.ai'])
const told = (changes: ReturnType<ReturnType<typeof open>['update']>) =>
  changes.map(({ change, participant }) => `${change} ${participant.nativeId} ${participant.name}`)

test('people come, are renamed, leave and come back; the bot itself is nobody', () => {
  const roster = open()
  expect(told(roster.update([self, seen('1', 'Ana')]))).toEqual(['joined 1 Ana'])
  expect(told(roster.update([self, seen('1', 'Ana B.')]))).toEqual(['renamed 1 Ana B.'])
  expect(told(roster.update([self]))).toEqual(['left 1 Ana B.'])
  expect(told(roster.update([self, seen('2', 'Ana')]))).toEqual(['joined 2 Ana'])
})

test('two people with one name are two, and so is one who joins twice', () => {
  const roster = open()
  expect(told(roster.update([self, seen('1', 'Ana'), seen('2', 'Ana')]))).toEqual(['joined 1 Ana', 'joined 2 Ana'])
  expect(roster.countCompany()).toBe(2)
})

test('a name is upgraded from none and never turns back into none', () => {
  const roster = open()
  expect(told(roster.update([seen('1', ' ')]))).toEqual(['joined 1 null'])
  expect(told(roster.update([seen('1', 'Ana')]))).toEqual(['renamed 1 Ana'])
  expect(told(roster.update([seen('1', '')]))).toEqual([])
})

test('a hostile name is one clean line of bounded length', () => {
  const [first] = open().update([seen('1', `a\u202Eb\u0000c\n<b>${'x'.repeat(5_000)}\uD800`)])
  expect(first?.participant.name).toMatch(/^abc <b>x+…$/)
  expect(first?.participant.name?.length).toBeLessThanOrEqual(200)
})

test.each([
  ['Meeting Assistant', false],
  ['MEETING  ASSISTANT', false],
  ['Fireflies Notetaker', false],
  ['ana_fireflies', false],
  ['Read.ai', false],
  ['Meeting Assistants', true],
  ['Firefliesmann', true],
  ['', true],
])('company by name: %s → %s', (name, isCompany) => {
  const roster = open()
  roster.update([seen('1', name)])
  expect(roster.countCompany()).toBe(isCompany ? 1 : 0)
})

test('whoever has the bot’s name is marked, and is company once heard', () => {
  const roster = open()
  expect(roster.update([seen('1', 'Meeting Assistant')])[0]?.participant.hasBotName).toBe(true)
  expect(roster.countCompany()).toBe(0)
  roster.noteHeard('1')
  expect(roster.countCompany()).toBe(1)
})

test('whoever has another bot’s name is marked as one, and not as ours', () => {
  const marks = open()
    .update([seen('1', 'Ana’s Fireflies'), seen('2', 'Ana'), seen('3', 'Meeting Assistant')])
    .map(({ participant: { hasBotName, isAnotherBot } }) => [hasBotName, isAnotherBot])
  expect(marks).toEqual([
    [false, true],
    [false, undefined],
    [true, undefined],
  ])
})

test('an address that the platform vouches for is told once it is known, and stays; a room’s device is one', () => {
  const roster = open()
  const signedIn = { ...seen('1', 'Ana'), email: ' Ana@Example.com ' }
  expect(roster.update([seen('1', 'Ana')]).map(({ participant }) => participant.email)).toEqual([undefined])
  expect(roster.update([signedIn]).map(({ change, participant }) => [change, participant.email])).toEqual([
    ['renamed', 'ana@example.com'],
  ])
  expect(roster.update([seen('1', 'Ana')])).toEqual([])
  const [device] = roster.update([signedIn, { ...seen('2', 'Board room'), isDevice: true }])
  expect(device?.participant).toMatchObject({ nativeId: '2', isDevice: true })
})
