import { getCookie, setCookie } from 'hono/cookie'
import { AppError } from '../../base/errors.ts'
import {
  checkTranscriptLink,
  type InvitedPerson,
  readersOf,
  readInvitedPeople,
  readTranscribedMeeting,
  type TranscribedMeeting,
  transcriptPath,
} from '../../features/transcripts/index.ts'
import { readId } from './read-query.ts'
import type { WebContext } from './route.ts'
import type { Visitor } from './visitor.ts'
import type { WebDeps } from './web-deps.ts'

/** What says who may read a transcript. */
export interface MeetingToRead {
  meeting: TranscribedMeeting
  /** Everybody on the meeting's invitation, readers or not. */
  invited: readonly InvitedPerson[]
}

/** Reads by whom the meeting of an address may be read. */
export async function readMeetingToRead(db: WebDeps['db'], id: string): Promise<MeetingToRead | undefined> {
  const meeting = await readTranscribedMeeting(db, id)
  return meeting && { meeting, invited: await readInvitedPeople(db, meeting.id) }
}

/** Somebody who may read the transcript that an address names. */
export interface Reader {
  /** The same for all that one person opens, by whichever link or session. */
  key: string
  meeting: TranscribedMeeting
  /** Everybody on the meeting's invitation, readers or not. */
  invited: readonly InvitedPerson[]
  /** Whether this reader is one of them; a private title is theirs only. */
  isInvited: boolean
  isAdmin: boolean
  /** When the link by which this reader came ends. */
  linkEndsAt: Date | undefined
  /** That link's token, where it stands in the address. */
  tokenInAddress: string | undefined
}

/**
 * Finds out who reads, by a link in the address, a session, or a link kept in a cookie, whichever lets in first; asked at each request.
 * Throws without telling whether there is such a meeting.
 */
export async function findReader(
  c: WebContext,
  deps: WebDeps,
  visitor: Visitor | undefined,
  read: (id: string) => Promise<MeetingToRead | undefined> = (id) => readMeetingToRead(deps.db, id),
): Promise<Reader> {
  const inAddress = c.req.query('token')
  const inCookie = getCookie(c, cookieName(c))
  if (inAddress === undefined && inCookie === undefined && !visitor) throw linkNeeded()
  const toRead = await read(readId(c))
  if (!toRead) throw notForYou()
  const { meeting, invited } = toRead
  const byLink = async (text: string | undefined) => judgeLink(deps, meeting, invited, text)
  const first = await byLink(inAddress)
  if (first.reader) return { ...first.reader, tokenInAddress: inAddress }
  const bySession = visitor && readerOf(meeting, invited, { ...visitor, key: visitor.email ?? visitor.csrfToken }, deps)
  if (bySession) return bySession
  const second = await byLink(inCookie)
  if (second.reader) return second.reader
  throw first.refusal ?? second.refusal ?? notForYou()
}

/** Keeps a link's token for this one page's addresses, so that it need not stay in the address bar. Changes nothing on the server. */
export function keepLink(c: WebContext, reader: Reader): void {
  if (reader.tokenInAddress === undefined || reader.linkEndsAt === undefined) return
  setCookie(c, cookieName(c), reader.tokenInAddress, {
    // Without its slash, so that both ways of writing the address have it.
    path: transcriptPath(readId(c)).slice(0, -1),
    httpOnly: true,
    sameSite: 'Lax',
    secure: isSecure(c),
    expires: reader.linkEndsAt,
  })
}

interface LinkJudgement {
  reader?: Reader
  refusal?: AppError
}

async function judgeLink(
  deps: WebDeps,
  meeting: TranscribedMeeting,
  invited: readonly InvitedPerson[],
  text: string | undefined,
): Promise<LinkJudgement> {
  if (text === undefined) return {}
  const { db, clock, transcripts } = deps
  const check = await checkTranscriptLink({ db, clock, tokenSecret: transcripts.tokenSecret }, meeting, text)
  if (check.outcome === 'foreign') return {}
  if (check.outcome === 'expired') return { refusal: ended('expired', 'This link was valid for a time that is over.') }
  if (check.outcome === 'withdrawn') return { refusal: ended('withdrawn', 'This link was withdrawn.') }
  const { email, expiresAt } = check.token
  const isAdmin = transcripts.sharing.adminEmails.includes(email)
  const reader = readerOf(meeting, invited, { email, isAdmin, key: email }, deps)
  return reader ? { reader: { ...reader, linkEndsAt: expiresAt } } : {}
}

function readerOf(
  meeting: TranscribedMeeting,
  invited: readonly InvitedPerson[],
  { email, isAdmin, key }: Pick<Visitor, 'email' | 'isAdmin'> & { key: string },
  deps: WebDeps,
): Reader | undefined {
  const isMe = (person: InvitedPerson) => person.email === email
  if (!isAdmin && !readersOf(invited, deps.transcripts.sharing).some(isMe)) return undefined
  const isInvited = invited.some(isMe)
  return { key, meeting, invited, isInvited, isAdmin, linkEndsAt: undefined, tokenInAddress: undefined }
}

function isSecure(c: WebContext): boolean {
  return c.get('facts').origin?.startsWith('https:') === true
}

/** `__Host-` would want the path of everything, and a cookie per transcript in every request. */
function cookieName(c: WebContext): string {
  return isSecure(c) ? '__Secure-transcript' : 'transcript'
}

function linkNeeded(): AppError {
  return new AppError(
    'transcript_link_needed',
    'Transcripts are for the people who were invited. Open the link that was sent to you, or sign in.',
  )
}

function notForYou(): AppError {
  return new AppError(
    'transcript_not_for_you',
    'There is no transcript for you under this address. Was the link copied whole? If it was, ask whoever sent it to you.',
  )
}

function ended(how: 'expired' | 'withdrawn', sentence: string): AppError {
  return new AppError(`transcript_link_${how}`, `${sentence} Ask whoever sent it to you for a new one.`)
}
