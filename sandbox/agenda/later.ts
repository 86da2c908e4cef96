import { invite } from '../invitation.ts'
import { amara, benedict, hanna, juergen, kenji, layla, rosa, sebnem, tomasz } from '../organisation.ts'
import { type AgendaEntry, fromWallTime, nextWallTime, type Occasion, roomUrl } from './occasion.ts'

/** What would be attended in the days that follow. */
export function meetingsLater(occasion: Occasion): AgendaEntry[] {
  const room = (name: string) => roomUrl(occasion, name)
  return [
    ...sharedRoom(occasion),
    lampCircle(occasion),
    {
      name: 'night-shift',
      organizer: juergen,
      draft: {
        title: 'Night shift handover',
        when: fromWallTime(nextWallTime(occasion, '23:30'), 75),
        location: room('night-shift'),
        invitees: [invite(kenji.email), invite(rosa.email)],
      },
    },
    {
      name: 'windows-zone',
      organizer: sebnem,
      draft: {
        title: 'Budget, entered in Outlook',
        when: { ...fromWallTime(nextWallTime(occasion, '11:00'), 60), zoneName: 'W. Europe Standard Time' },
        location: room('budget'),
        invitees: [invite(amara.email), invite(benedict.email, 'tentative')],
      },
    },
  ]
}

/** Strangers to each other in one room on one day: two meetings, and neither may read the other's transcript. */
function sharedRoom(occasion: Occasion): AgendaEntry[] {
  const location = roomUrl(occasion, 'library')
  const morning = nextWallTime(occasion, '09:00')
  return [
    {
      name: 'library-morning',
      organizer: benedict,
      draft: {
        title: 'Supplier prices',
        when: fromWallTime(morning, 45),
        location,
        invitees: [invite(hanna.email), invite(rosa.email)],
      },
    },
    {
      name: 'library-afternoon',
      organizer: layla,
      draft: {
        title: 'Works council',
        when: fromWallTime(morning.withPlainTime('15:00'), 60),
        location,
        invitees: [invite(juergen.email), invite(tomasz.email)],
      },
    },
  ]
}

/** Weekly for some time past: the next one is two hours later than usual, the one after it is cancelled. */
function lampCircle(occasion: Occasion): AgendaEntry {
  const next = nextWallTime(occasion, '10:00')
  const usual = fromWallTime(next, 30)
  const moved = fromWallTime(next.add({ minutes: 120 }), 30)
  return {
    name: 'lamp-circle',
    organizer: amara,
    draft: {
      title: 'Lamp circle (weekly)',
      when: fromWallTime(next.subtract({ weeks: 2 }), 30),
      location: roomUrl(occasion, 'lamp-circle'),
      invitees: [invite(layla.email), invite(kenji.email), invite(sebnem.email, 'needs_action')],
      series: {
        rule: 'FREQ=WEEKLY',
        changes: [
          { originalStartsAt: usual.startsAt, to: { startsAt: moved.startsAt, endsAt: moved.endsAt } },
          { originalStartsAt: fromWallTime(next.add({ weeks: 1 }), 30).startsAt, to: 'cancelled' },
        ],
      },
    },
  }
}
