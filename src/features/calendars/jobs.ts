import { z } from 'zod'
import { defineJob } from '../../platform/jobs/index.ts'

/** Brings one calendar in step. A knock that comes while it runs is kept: one more run follows. */
export const syncCalendarJob = defineJob({
  name: 'sync-calendar',
  payload: z.object({ calendarId: z.uuid() }),
  policy: 'stately',
  concurrency: 4,
  batchSize: 6,
  retryLimit: 5,
})

/** Reads a calendar for the first time, which may take long: apart from the others, so that they wait for nobody. */
export const readNewCalendarJob = defineJob({
  name: 'read-new-calendar',
  payload: z.object({ calendarId: z.uuid() }),
  policy: 'stately',
  concurrency: 2,
  batchSize: 4,
  retryLimit: 5,
})

/** Reads a calendar in which much has to be written: apart from all others, few at a time, so that nobody waits for it. */
export const readLongCalendarJob = defineJob({
  name: 'read-long-calendar',
  payload: z.object({ calendarId: z.uuid() }),
  policy: 'stately',
  concurrency: 2,
  batchSize: 1,
  retryLimit: 5,
})

/** Looks at a calendar once more, some seconds after a notice with nothing to read yet. */
export const lookAgainJob = defineJob({
  name: 'look-again',
  payload: z.object({ calendarId: z.uuid() }),
  policy: 'exclusive',
  batchSize: 20,
  retryLimit: 0,
  isDelayed: true,
})

/** Opens, renews and ends the channels over which providers say that something changed. One at a time. */
export const renewChannelsJob = defineJob({
  name: 'renew-channels',
  payload: z.object({}),
  policy: 'stately',
  retryLimit: 0,
  cron: '* * * * *',
})

/** Reads whose calendars are to be connected, where it is time to: about hourly. */
export const syncPeopleJob = defineJob({
  name: 'sync-people',
  payload: z.object({}),
  policy: 'stately',
  retryLimit: 0,
  cron: '*/5 * * * *',
})

/** Sends a sync for each calendar whose time has come. */
export const pollCalendarsJob = defineJob({
  name: 'poll-calendars',
  payload: z.object({}),
  policy: 'stately',
  retryLimit: 0,
  cron: '* * * * *',
})
