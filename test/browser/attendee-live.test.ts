import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { createTranscriptFeed, transcriptPath } from '../../src/features/transcripts/index.ts'
import { createSignInLink, redeemSignInLink } from '../../src/platform/sessions/index.ts'
import { createAttendeeMeetings } from '../support/attendee-meetings.ts'
import { seatGuest } from '../support/attendee-world.ts'
import { launchTestBrowser } from '../support/browser.ts'
import { sharing, startTestWeb, TOKEN_SECRET } from '../support/web.ts'

test('the page of a meeting that an Attendee server attends shows what is said while it is said, and as it is corrected', async () => {
  await using meetings = await createAttendeeMeetings()
  const { app, world } = meetings
  using feed = createTranscriptFeed(app.signals)
  const links = { signing: TOKEN_SECRET, opening: [], weak: undefined }
  const transcripts = { links, sharing, feed, beatMs: 20_000 }
  await using web = await startTestWeb({ db: app.db, clock: systemClock, transcripts })
  const link = await createSignInLink(app.db, systemClock, { email: null, isAdmin: true })
  const session = await redeemSignInLink(app.db, systemClock, link)
  if (typeof session === 'string') throw new Error(session)
  await using running = await launchTestBrowser()
  const context = await running.browser.newContext()
  await context.addCookies([{ name: 'session', value: session.token, url: web.origin }])
  const page = await context.newPage()

  const { id, url, room, remote } = await meetings.attend()
  await page.goto(`${web.origin}${transcriptPath(id)}`)
  await page.getByText('Nobody has spoken yet').waitFor()
  await seatGuest(url, 'Ana')
  await world.attendee.until(() => remote()[0]?.participants.size === 1)
  world.attendee.say(url, { speaker: 'Ana', text: 'Good' })
  const turns = page.locator('[data-turns]')
  await turns.getByText('Good').waitFor()
  world.attendee.correct(url, 'Ana', { text: 'Good morning, is everybody there?', durationMs: 3_000 })
  await turns.getByText('Good morning, is everybody there?').waitFor()
  world.attendee.say(url, { speaker: 'Ben by telephone', text: 'Yes, I am.' })
  await turns.getByText('Yes, I am.').waitFor()
  expect(await turns.locator('li').count()).toBe(2)
  room.end()
  await page.getByText('Good morning, is everybody there?').waitFor()
})
