import { expect, test } from 'vitest'
import { chooseRunners } from './choose-runners.ts'

const PLATFORMS = ['google_meet', 'teams', 'zoom', 'jitsi', 'sandbox']
const choose = (setting: Record<string, string>, attendee: boolean) => {
  const runnerOf = chooseRunners(
    Object.entries(setting).map(([platform, runner]) => ({ platform, runner })),
    { attendee },
  )
  return PLATFORMS.map(runnerOf)
}

test('without an Attendee server only the sandbox can be joined', () => {
  expect(choose({}, false)).toEqual([undefined, undefined, undefined, undefined, 'browser'])
})

test('an Attendee server serves the platforms that it can join', () => {
  expect(choose({}, true)).toEqual(['attendee', 'attendee', 'attendee', undefined, 'browser'])
})

test('what is said wins over the default, none too', () => {
  expect(choose({ zoom: 'none', sandbox: 'attendee' }, true)).toEqual([
    'attendee',
    'attendee',
    undefined,
    undefined,
    'attendee',
  ])
})

test.each([
  [{ google_meet: 'attendee' }, false, 'google_meet=attendee needs ATTENDEE_API_URL'],
  [{ google_meet: 'browser' }, true, 'browser cannot join Google Meet'],
  [{ jitsi: 'attendee' }, true, 'attendee cannot join Jitsi'],
  [{ webex: 'attendee' }, true, 'no platform "webex"'],
  [{ zoom: 'pigeon' }, true, 'no runner "pigeon"'],
])('%j is refused with what is wrong', (setting, attendee, what) => {
  expect(() => choose(setting, attendee)).toThrow(what)
})

test('a platform named twice is refused', () => {
  const twice = [
    { platform: 'zoom', runner: 'none' },
    { platform: 'zoom', runner: 'attendee' },
  ]
  expect(() => chooseRunners(twice, { attendee: true })).toThrow('zoom is named twice')
})
