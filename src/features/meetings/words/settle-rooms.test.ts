import { expect, test } from 'vitest'
import { type Meeting, unheld } from '../meeting.ts'
import { settleRooms } from './settle-rooms.ts'

test('a meeting that nobody’s calendar supports, and to which a person sent a bot, has it at its own start, whatever held the room when it was planned', () => {
  const at = (time: string) => new Date(`2026-11-23T${time}:00Z`)
  const sent = {
    ...{
      id: 'sent',
      platform: 'sandbox',
      roomId: 'one',
      roomKey: 'sandbox:one',
      meetingUrl: 'https://example.com/one',
    },
    ...{ uid: 'review', occurrenceKey: '', startsAt: at('09:00'), endsAt: at('09:30'), isAllDay: false },
    ...{ title: 'Review', isPrivate: false, organizerEmail: null, attendeeCount: 1, copies: 1, supporting: 0 },
    ...{ decision: 'attend', reason: 'sent_by_person', reasonDetail: { copies: 1, supporting: 0 } },
    ...{ wish: 'attend', wishAt: at('08:00'), wishBy: 'ana@example.com' },
    ...unheld,
    // It was later once, when another meeting had the room until then.
    seatFrom: at('09:54'),
  } as const satisfies Meeting
  const settled = settleRooms([sent], [], new Map(), at('09:05'))
  expect(settled).toMatchObject([{ id: 'sent', decision: 'attend', seatFrom: null }])
})
