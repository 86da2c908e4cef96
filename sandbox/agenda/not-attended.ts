import { addDays, dayOf } from '../../src/base/time.ts'
import { type Invitee, invite } from '../invitation.ts'
import {
  amara,
  benedict,
  companyTimeZone,
  hanna,
  juergen,
  kenji,
  layla,
  prismRoom,
  rosa,
  sebnem,
  tomasz,
} from '../organisation.ts'
import { type AgendaEntry, fromWallTime, inMinutes, nextWallTime, type Occasion, roomUrl } from './occasion.ts'

/** One entry for each reason not to attend. All but the lunch have a room: without one there is nothing to decide. */
export function meetingsNotAttended(occasion: Occasion): AgendaEntry[] {
  const room = (name: string) => roomUrl(occasion, name)
  const tomorrow = addDays(dayOf(occasion.startedAt, companyTimeZone), 1)
  const bricks: Invitee = { ...prismRoom, answer: 'accepted', kind: 'room' }
  return [
    {
      name: 'over',
      organizer: sebnem,
      draft: {
        title: 'Walk-through',
        when: inMinutes(occasion, -60, 30),
        location: room('walk-through'),
        invitees: [invite(juergen.email)],
      },
    },
    {
      name: 'cancelled',
      organizer: kenji,
      draft: {
        title: 'Supplier visit',
        when: inMinutes(occasion, 35, 30),
        location: room('supplier-visit'),
        invitees: [invite(benedict.email), invite(rosa.email)],
        isCancelled: true,
      },
    },
    {
      name: 'declined',
      organizer: hanna,
      draft: {
        title: 'Newsletter exchange',
        when: inMinutes(occasion, 40, 30),
        location: room('newsletter'),
        invitees: [invite(benedict.email, 'declined'), invite(tomasz.email, 'declined')],
      },
    },
    {
      name: 'no-record',
      organizer: amara,
      draft: {
        title: 'Feedback round #norecord',
        when: inMinutes(occasion, 50, 30),
        location: room('feedback'),
        invitees: [invite(layla.email), invite(kenji.email), bricks],
      },
    },
    {
      name: 'doctor',
      organizer: rosa,
      draft: {
        title: 'Doctor: video consultation',
        when: inMinutes(occasion, 90, 20),
        location: room('consultation'),
        visibility: 'private',
      },
    },
    {
      name: 'confidential',
      organizer: amara,
      draft: {
        title: 'Takeover talks',
        when: inMinutes(occasion, 120, 60),
        location: room('talks'),
        visibility: 'confidential',
        invitees: [invite(benedict.email)],
      },
    },
    {
      name: 'lunch',
      organizer: layla,
      draft: {
        title: 'Lunch',
        when: fromWallTime(nextWallTime(occasion, '12:30'), 45),
        location: 'Canteen, the long table',
        invitees: [invite(sebnem.email), invite(rosa.email)],
      },
    },
    {
      name: 'out-of-office',
      organizer: tomasz,
      draft: {
        title: 'Out of office',
        when: fromWallTime(nextWallTime(occasion, '13:00'), 240),
        description: `Back in the evening. If something burns: ${room('tomasz')}`,
        kind: 'out_of_office',
      },
    },
    {
      name: 'offsite',
      organizer: juergen,
      draft: {
        title: 'Offsite at the lake',
        when: { firstOn: tomorrow, lastOn: addDays(tomorrow, 1) },
        description: `For those who stay at home: ${room('offsite')}`,
        invitees: [amara, benedict, kenji, layla, sebnem].map(({ email }) => invite(email)),
      },
    },
    {
      name: 'focus-time',
      organizer: kenji,
      draft: {
        title: 'Focus time: drawings',
        when: inMinutes(occasion, 180, 120),
        description: `Knock here: ${room('kenji')}`,
        kind: 'focus_time',
      },
    },
    {
      name: 'birthday',
      organizer: benedict,
      draft: {
        title: 'Layla’s birthday',
        when: { firstOn: tomorrow, lastOn: tomorrow },
        location: room('cake'),
        kind: 'birthday',
      },
    },
    {
      name: 'working-location',
      organizer: sebnem,
      draft: {
        title: 'At home',
        when: { firstOn: tomorrow, lastOn: tomorrow },
        location: room('sebnem'),
        kind: 'working_location',
      },
    },
    {
      name: 'damaged',
      organizer: sebnem,
      draft: {
        title: 'Imported from the old calendar',
        when: inMinutes(occasion, 80, 30),
        location: room('imported'),
        isDamaged: true,
      },
    },
  ]
}
