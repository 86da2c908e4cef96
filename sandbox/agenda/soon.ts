import { HOUR_MS } from '../../src/base/time.ts'
import { invite } from '../invitation.ts'
import {
  amara,
  benedict,
  type Colleague,
  hanna,
  juergen,
  kenji,
  layla,
  omar,
  rosa,
  sebnem,
  tomasz,
} from '../organisation.ts'
import { type AgendaEntry, inMinutes, type Occasion, roomUrl } from './occasion.ts'

/** What begins within the first hours and would be attended. */
export function meetingsSoon(occasion: Occasion): AgendaEntry[] {
  const room = (name: string) => roomUrl(occasion, name)
  return [
    {
      name: 'stand-up',
      organizer: amara,
      draft: {
        title: 'Stand-up',
        when: inMinutes(occasion, 1, 15),
        location: room('stand-up'),
        invitees: [invite(juergen.email), invite(sebnem.email), invite(tomasz.email, 'tentative')],
      },
    },
    {
      name: 'customer-call',
      organizer: rosa,
      draft: {
        title: 'Customer call: Virtala Boats, harbour lights',
        when: inMinutes(occasion, 5, 30),
        // As Google writes it: HTML, with the link behind a word and encoded.
        description: `<p>Hello Hanna,<br>we meet <a href="${room('customer&#45;call')}">in our room</a>.</p><p>Rosa &amp; Kenji</p>`,
        invitees: [invite(kenji.email), invite(hanna.email)],
      },
    },
    {
      name: 'markup',
      organizer: layla,
      draft: {
        title: '<b>Q4</b> & "plans" 🚀👩🏽‍🔧, <script>alert(1)</script>; תכנון וتخطيط',
        when: inMinutes(occasion, 20, 25),
        location: room('planung-für-q4'),
        description: 'Line one\nLine two; with commas, semicolons; and a back\\slash',
        invitees: [invite(juergen.email), invite(benedict.email)],
      },
    },
    ...personalRoomOfTomasz(occasion),
    ...designReview(occasion),
    ...coffeeCorners(occasion),
  ]
}

/** Two meetings with different people, one after the other in one room. */
function personalRoomOfTomasz(occasion: Occasion): AgendaEntry[] {
  const location = roomUrl(occasion, 'tomasz')
  return [
    {
      name: 'one-to-one-amara',
      organizer: tomasz,
      draft: {
        title: 'One to one: Amara and Tomasz',
        when: inMinutes(occasion, 30, 30),
        location,
        invitees: [invite(amara.email)],
      },
    },
    {
      name: 'one-to-one-sebnem',
      organizer: tomasz,
      draft: {
        title: 'One to one: Şebnem and Tomasz',
        when: inMinutes(occasion, 60, 30),
        location,
        invitees: [invite(sebnem.email, 'needs_action')],
      },
    },
  ]
}

/** One meeting under two UIDs: a colleague made an entry of her own for it. */
function designReview(occasion: Occasion): AgendaEntry[] {
  const shared = {
    title: 'Design review: desk lamp',
    when: inMinutes(occasion, 45, 45),
    location: roomUrl(occasion, 'design-review'),
  }
  return [
    {
      name: 'design-review',
      organizer: kenji,
      draft: { ...shared, invitees: [invite(layla.email), invite(omar.email, 'needs_action')] },
    },
    { name: 'design-review-copy', organizer: layla, draft: { ...shared, invitees: [invite(sebnem.email)] } },
  ]
}

const CORNERS: readonly [corner: string, host: Colleague, guest: Colleague][] = [
  ['kitchen', juergen, layla],
  ['terrace', kenji, sebnem],
  ['library', benedict, rosa],
  ['workshop', amara, tomasz],
]

/**
 * Four minutes every five, so that something always begins. The corners take turns: in one room, meetings less than 15 minutes
 * apart would keep one bot seated for ever.
 */
function coffeeCorners(occasion: Occasion): AgendaEntry[] {
  return CORNERS.map(([corner, host, guest], index) => ({
    name: `coffee-${corner}`,
    organizer: host,
    draft: {
      title: `Coffee corner: ${corner}`,
      // In UTC, so that no change of the clock makes a gap.
      when: { ...inMinutes(occasion, 1 + 5 * index, 4), timeZone: 'UTC' },
      location: roomUrl(occasion, `coffee-${corner}`),
      invitees: [invite(guest.email)],
      series: { rule: `FREQ=MINUTELY;INTERVAL=${5 * CORNERS.length}`, changes: [], writtenAheadMs: HOUR_MS },
    },
  }))
}
