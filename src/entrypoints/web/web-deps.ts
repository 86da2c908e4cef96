import type { Clock } from '../../base/clock.ts'
import type { NoticeOutcome as AttendeeOutcome, Capacity, UnfitMeeting } from '../../features/attendance/index.ts'
import type {
  ConsentAnswer,
  ConsentResult,
  NoticeOutcome,
  ProviderName,
  PushNotice,
} from '../../features/calendars/index.ts'
import type { Actor } from '../../features/people/index.ts'
import type { OpenRecording } from '../../features/recordings/index.ts'
import type { MeetingPeopleDeps, SharingPolicy, TranscriptFeed } from '../../features/transcripts/index.ts'
import type { Database } from '../../platform/db/index.ts'
import type { DeadLetter } from '../../platform/jobs/index.ts'
import type { Health, Logger, Metrics } from '../../platform/observe/index.ts'
import type { LinkSecrets } from '../../platform/secrets/index.ts'

/** Where the server stands, as far as requests are judged by it. */
export interface ServerFacts {
  /** Origin of the public address; undefined where SITE_URL is unset: then only loopback names are served. */
  siteUrl: URL | undefined
  /** The port it listens on, known once it does. */
  port(): number
  /** Addresses, or blocks of them, whose X-Forwarded-* headers are believed. */
  trustedProxies: readonly string[]
  /** The zone of days and times where a reader asks for no other. */
  timeZone: string
}

/** Where the audio of meetings comes from. Who may hear it was asked before. */
interface AudioSource {
  /** Undefined where there is none, or none any more. */
  open(
    meetingId: string,
  ): Promise<Pick<OpenRecording, 'sizeBytes' | 'contentType' | 'etag' | 'read' | 'alsoOf'> | undefined>
}

/** What the pages of transcripts work with. */
interface TranscriptPages {
  /** Signs and checks links. */
  links: LinkSecrets
  sharing: SharingPolicy
  feed: Pick<TranscriptFeed, 'watch'>
  /** How long a live page may go without a sign of life; its reader's right is asked again at least that often. */
  beatMs: number
}

/** How individuals connect their calendars at providers where that is set up. */
interface ConsentPages {
  begin(input: { provider: ProviderName; redirectUri: string; loginHint?: string }): {
    location: string
    browserSecret: string
  }
  complete(answer: ConsentAnswer): Promise<ConsentResult>
  /** Makes a text that only we can have written, and reads it. Throws where we have not. */
  seal(text: string): string
  unseal(sealed: string): string
}

/** What of a provider is set up, as far as pages speak of it. */
export interface ShownProvider {
  /** Where the organisation lets us in as a whole; with `people` where they can be listed. */
  directory?: { people?: unknown }
  push?: { address: string | undefined }
  /** Where people are sent back to; undefined: to our own address, as they see it. */
  consent?: { redirectUri: URL | undefined }
}

/** The Attendee server, as pages speak of it. */
export interface AttendeePages {
  /** Whether it is to attend meetings of a platform. */
  attends(platform: string): boolean
  /** Meetings of the coming week whose link it does not take. */
  listUnfit(): Promise<readonly UnfitMeeting[]>
  /** Tries what it would say; returns once that is stored. */
  tryOut(actor: Actor): Promise<void>
}

/** What the pages work with. */
export interface WebDeps {
  db: Database
  clock: Clock
  /** What the directory says of people and groups. */
  knownPeople?: NonNullable<MeetingPeopleDeps['knownPeople']>
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  metrics: Pick<Metrics, 'countRequest' | 'countPushNotice' | 'render' | 'contentType'>
  health: Pick<Health, 'readiness'>
  server: ServerFacts
  /** Asked of whoever reads /metrics; where unset, and SITE_URL too, programs on this machine may. */
  metricsToken: string | undefined
  /** Whether this is the pretend organisation: marked on every page. */
  sandbox: boolean
  /** What its link carries, and lets a browser in; undefined where this is no sandbox. */
  sandboxKey: string | undefined
  version: string
  transcripts: TranscriptPages
  audio: AudioSource | undefined
  /** How bots introduce themselves, and whom to ask about them. */
  bot: { name: string; contact: string | undefined; ownWords?: string | undefined }
  /** What this machine lacks to attend meetings, a sentence each that says what to do. */
  missingParts(): Promise<readonly string[]>
  /** How many places there are for bots, and how many are taken. */
  capacity(): Promise<Capacity>
  /** What a person can say about attending. */
  attendance: {
    switchTo(mode: 'on' | 'observing', actor: Actor): Promise<void>
    want(meetingId: string, actor: Actor): Promise<void>
    refuse(meetingId: string, actor: Actor): Promise<void>
    followPlan(meetingId: string, actor: Actor): Promise<void>
  }
  providers: Readonly<Record<ProviderName, ShownProvider>>
  /** How many people PILOT_USERS names. */
  pilotUsers: number
  consent: ConsentPages
  /** Asks for a sync of one calendar; returns once that is on its way. */
  syncNow(calendarId: string, actor: Actor): Promise<void>
  /** Stores that a provider says something changed; rejects where it could not be stored. */
  receiveNotice(notice: PushNotice): Promise<NoticeOutcome>
  /** Takes notices of an Attendee server; undefined where there is no secret to check them with. */
  attendeeNotices:
    | { receive(notice: { body: string; signature: string | undefined }): Promise<AttendeeOutcome> }
    | undefined
  /** Undefined where there is none. */
  attendee: AttendeePages | undefined
  deadLetters: {
    list(): Promise<DeadLetter[]>
    /** Puts failed jobs back into their queues, all of them where no ids are named; answers how many went. */
    retry(ids?: readonly string[]): Promise<number>
  }
}
