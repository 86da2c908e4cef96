import { expect, test } from 'vitest'
import { readParts } from '../../src/features/recordings/index.ts'
import { buildTurns, describeGap, readTranscript } from '../../src/features/transcripts/index.ts'
import { createAttendanceWorld } from '../support/attendance-world.ts'
import { until } from '../support/until.ts'

test('a bot that is lost and that no other follows leaves a transcript that says what is missing at the end, and why', async () => {
  await using world = await createAttendanceWorld({ hasSound: true })
  const { db, clock } = world.app
  world.startWorker()
  const meeting = await world.plan('end', -124, 124)
  await until(
    () => readParts(db, meeting.id),
    (parts) => parts.length === 1,
  )
  // From two minutes before the end of a meeting of four or more on, nobody is sent any more.
  await until(
    async () => meeting.endsAt.getTime() - clock.now().getTime(),
    (leftMs) => leftMs < 119_000,
  )
  world.rooms.crash()
  await until(
    () => readTranscript(db, meeting.id),
    (transcript) => transcript?.state === 'partial',
  )
  const transcript = await readTranscript(db, meeting.id)
  expect(transcript && buildTurns(transcript).gapsAfter.map(describeGap)).toEqual([
    expect.stringMatching(
      /^Nothing was recorded from 0:00:0\d on, 2 min before the planned end: the bot was lost, and none came back\. The process it ran in ended\.$/,
    ),
  ])
})
