import { getCookie, setCookie } from 'hono/cookie'
import { AppError } from '../../base/errors.ts'
import {
  checkTranscriptLink,
  isColleague,
  type MeetingPerson,
  type Presence,
  readClaimant,
  readersOf,
  readLinkHolder,
  readPresence,
  type TranscribedMeeting,
  transcriptPath,
} from '../../features/transcripts/index.ts'
import { sessionTokenOf } from './find-visitor.ts'
import { readId } from './read-query.ts'
import { type MeetingToRead, type Reader, readMeetingToRead } from './reader.ts'
import type { WebContext } from './route.ts'
import type { Visitor } from './visitor.ts'
import type { WebDeps } from './web-deps.ts'

/**
 * Finds out who reads, by a link in the address, a session, or a link kept in a cookie, whichever lets in first; asked at each request.
 * Throws without telling whether there is such a meeting.
 */
export async function findReader(
  c: WebContext,
  deps: WebDeps,
  visitor: Visitor | undefined,
  read: (id: string) => Promise<MeetingToRead | undefined> = (id) => readMeetingToRead(deps, id),
): Promise<Reader> {
  const inAddress = c.req.query('token')
  const inCookie = getCookie(c, cookieName(c))
  if (inAddress === undefined && inCookie === undefined && !visitor) throw linkNeeded()
  const toRead = await read(readId(c))
  if (!toRead) throw notForYou()
  const { meeting, people } = toRead
  const byLink = async (text: string | undefined) => judgeLink(deps, meeting, people, text)
  const first = await byLink(inAddress)
  if (first.reader) return { ...first.reader, tokenInAddress: inAddress }
  const bySession = visitor && (await readerBySession(deps, meeting, people, visitor))
  if (bySession) return bySession
  const second = await byLink(inCookie)
  if (second.reader) return second.reader
  throw first.refusal ?? second.refusal ?? notForYou()
}

/**
 * The transcript that an address names, and whose proof to read it a request shows, as far as that is known without the database: for whom its
 * links were signed, by name, since one person may have many, and the session as it is.
 */
export function proofOf(c: WebContext, { clock, transcripts }: WebDeps): string {
  const links = [c.req.query('token'), getCookie(c, cookieName(c))].map(
    (text) => text !== undefined && (readLinkHolder(transcripts.links, text, clock.now()) ?? 'somebody'),
  )
  return JSON.stringify([readId(c), ...links, sessionTokenOf(c)])
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
  people: readonly MeetingPerson[],
  text: string | undefined,
): Promise<LinkJudgement> {
  if (text === undefined) return {}
  const { db, clock, transcripts } = deps
  const check = await checkTranscriptLink({ db, clock, links: transcripts.links }, meeting, text)
  if (check.outcome === 'foreign') return {}
  if (check.outcome === 'expired') return { refusal: ended('expired', 'This link was valid for a time that is over.') }
  if (check.outcome === 'withdrawn') return { refusal: ended('withdrawn', 'This link was withdrawn.') }
  const { email, issuedAt: at, expiresAt } = check.token
  const { person, isAdmin } = await readClaimant(db, { email, at }, transcripts.sharing)
  const reader = await readerOf(deps, meeting, people, { key: person, person, email, isAdmin })
  return reader ? { reader: { ...reader, linkEndsAt: expiresAt } } : {}
}

async function readerBySession(
  deps: WebDeps,
  meeting: TranscribedMeeting,
  people: readonly MeetingPerson[],
  { email, isAdmin, since: at, csrfToken: key }: Visitor,
): Promise<Reader | undefined> {
  if (email === null || at === null)
    return await readerOf(deps, meeting, people, { key, person: null, email: '', isAdmin })
  const { person } = await readClaimant(deps.db, { email, at }, deps.transcripts.sharing)
  return await readerOf(deps, meeting, people, { key: person, person, email, isAdmin })
}

async function readerOf(
  deps: WebDeps,
  meeting: TranscribedMeeting,
  people: readonly MeetingPerson[],
  me: { key: string; person: string | null; email: string; isAdmin: boolean },
): Promise<Reader | undefined> {
  const isMe = ({ person }: MeetingPerson) => person === me.person
  const { key, isAdmin, person } = me
  const reader = { key, meeting, people, isAdmin, person, linkEndsAt: undefined, tokenInAddress: undefined }
  if (isAdmin || readersOf(people, deps.transcripts.sharing).some(isMe)) {
    return { ...reader, isInvited: people.some(isMe), heard: undefined }
  }
  const heard = await readHeard(deps, meeting.id, me)
  return heard.length === 0 ? undefined : { ...reader, people: [], isInvited: false, heard }
}

/** When somebody was in the room without being of the meeting, if such people may read here at all. */
async function readHeard(
  { db, transcripts: { sharing } }: WebDeps,
  meetingId: string,
  { person, email }: { person: string | null; email: string },
): Promise<Presence[]> {
  if (person === null) return []
  const mayRead = sharing.shareWithExternal || isColleague({ email, person, hasCalendar: false }, sharing)
  return mayRead ? await readPresence(db, meetingId, person) : []
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
