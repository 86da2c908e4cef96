import type { Migration } from 'kysely/migration'
import { up as foundation } from './0001-foundation.ts'
import { up as attendance } from './0002-attendance.ts'
import { up as crashes } from './0003-crashes.ts'
import { up as googleSync } from './0004-google-sync.ts'
import { up as googlePeople } from './0005-google-people.ts'
import { up as rules } from './0006-rules.ts'
import { up as attendee } from './0007-attendee.ts'
import { up as storedSpeech } from './0009-stored-speech.ts'
import { up as lingeringBots } from './0010-lingering-bots.ts'
import { up as capacity } from './0011-capacity.ts'
import { up as meetingsSentTo } from './0012-meetings-sent-to.ts'
import { up as whoseWords } from './0013-whose-words.ts'
import { up as people } from './0014-people.ts'
import { up as peopleInRooms } from './0015-people-in-rooms.ts'
import { up as readers } from './0016-readers.ts'
import { up as holds } from './0017-holds.ts'
import { up as eventsToCome } from './0020-events-to-come.ts'
import { up as weakSecrets } from './0021-weak-secrets.ts'
import { up as versionsOfItems } from './0022-versions-of-items.ts'
import { up as silentChannels } from './0023-silent-channels.ts'
import { up as endsOfBots } from './0024-ends-of-bots.ts'
import { up as attendeeStrays } from './0026-attendee-strays.ts'
import { up as refusals } from './0027-refusals.ts'
import { up as keptRecordings } from './0028-kept-recordings.ts'
import { up as filesOfSeveral } from './0029-files-of-several.ts'
import { up as roomAliases } from './0030-room-aliases.ts'
import { up as answersOfOwners } from './0031-answers-of-owners.ts'
import { up as planLocks } from './0032-plan-locks.ts'
import { up as wantedVersion } from './0033-wanted-version.ts'

/** Every migration in order. Named one by one: no folder is scanned, and a landed one is never changed. */
export const migrations: Record<string, Migration> = {
  '0001-foundation': { up: foundation },
  '0002-attendance': { up: attendance },
  '0003-crashes': { up: crashes },
  '0004-google-sync': { up: googleSync },
  '0005-google-people': { up: googlePeople },
  '0006-rules': { up: rules },
  '0007-attendee': { up: attendee },
  '0009-stored-speech': { up: storedSpeech },
  '0010-lingering-bots': { up: lingeringBots },
  '0011-capacity': { up: capacity },
  '0012-meetings-sent-to': { up: meetingsSentTo },
  '0013-whose-words': { up: whoseWords },
  '0014-people': { up: people },
  '0015-people-in-rooms': { up: peopleInRooms },
  '0016-readers': { up: readers },
  '0017-holds': { up: holds },
  '0020-events-to-come': { up: eventsToCome },
  '0021-weak-secrets': { up: weakSecrets },
  '0022-versions-of-items': { up: versionsOfItems },
  '0023-silent-channels': { up: silentChannels },
  '0024-ends-of-bots': { up: endsOfBots },
  '0026-attendee-strays': { up: attendeeStrays },
  '0027-refusals': { up: refusals },
  '0028-kept-recordings': { up: keptRecordings },
  '0029-files-of-several': { up: filesOfSeveral },
  '0030-room-aliases': { up: roomAliases },
  '0031-answers-of-owners': { up: answersOfOwners },
  '0032-plan-locks': { up: planLocks },
  '0033-wanted-version': { up: wantedVersion },
}

/** The version of the schema this program works with. */
export const schemaVersion = Object.keys(migrations).at(-1) as string
