import { invite } from '../invitation.ts'
import { amara, benedict, hanna, juergen, kenji, layla, omar, rosa, tomasz } from '../organisation.ts'
import { type AgendaEntry, inMinutes, type Occasion } from './occasion.ts'

// Well-formed, and nobody's: a sandbox that is given a way to join must not end up in a stranger's meeting.
const NOBODY = '00000000-0000-0000-0000-000000000000'
const TEAMS_CONTEXT = encodeURIComponent(JSON.stringify({ Tid: NOBODY, Oid: NOBODY }))
const TEAMS_THREAD = encodeURIComponent('19:meeting_c2FuZGJveC1wcmV0ZW5kLW1lZXRpbmc@thread.v2')
const TEAMS_URL = `https://teams.microsoft.com/l/meetup-join/${TEAMS_THREAD}/0?context=${TEAMS_CONTEXT}`
const MEET_URL = 'https://meet.google.com/xxx-xxxx-xxx'
const ZOOM_URL = 'https://us05web.zoom.us/j/00000000000?pwd=Sandbox.1'

/** Meetings on the platforms of others, each with its link where that platform's calendars put it. */
export function meetingsElsewhere(occasion: Occasion): AgendaEntry[] {
  return [
    {
      name: 'google-meet',
      organizer: benedict,
      draft: {
        title: 'Hiring round',
        when: inMinutes(occasion, 70, 30),
        conference: { property: 'X-GOOGLE-CONFERENCE', url: MEET_URL },
        description: `Join with Google Meet: ${MEET_URL}\n\nLearn more about Meet at: https://support.google.com/a/users/answer/9282720`,
        invitees: [invite(amara.email), invite(rosa.email)],
      },
    },
    {
      name: 'teams',
      organizer: hanna,
      draft: {
        title: 'Virtala Boats: delivery dates',
        when: inMinutes(occasion, 100, 45),
        location: 'Microsoft Teams Meeting',
        conference: { property: 'X-MICROSOFT-SKYPETEAMSMEETINGURL', url: TEAMS_URL },
        invitees: [invite(rosa.email), invite(kenji.email, 'tentative')],
      },
    },
    {
      name: 'zoom',
      organizer: omar,
      draft: {
        title: 'Trade fair: stand and posters',
        when: inMinutes(occasion, 130, 60),
        description: `Omar Siddiq is inviting you to a scheduled Zoom meeting.\n\nJoin: ${ZOOM_URL}\nPasscode: 000000`,
        invitees: [invite(layla.email), invite(tomasz.email, 'needs_action')],
      },
    },
    {
      name: 'jitsi-not-listed',
      organizer: omar,
      draft: {
        title: 'Open house at the makers’ club',
        when: inMinutes(occasion, 160, 60),
        location: 'https://jitsi.example.org/OpenHouse',
        invitees: [invite(juergen.email)],
      },
    },
  ]
}
