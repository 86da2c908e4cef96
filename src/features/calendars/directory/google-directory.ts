import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { cleanLine, normaliseEmail } from '../../../base/text.ts'
import { DIRECTORY_SCOPES, type GoogleApi } from '../providers/registry.ts'
import type { WantedPerson } from './plan-people.ts'

/** Somebody of the domain; the directory knows everybody's id. */
type DirectoryPerson = WantedPerson & { accountId: string; fullName: string | null; createdAt: Date | null }

export interface DirectoryListing {
  people: readonly DirectoryPerson[]
  /** Entries that could not be understood. Who is missing may be one of them. */
  unreadable: number
}

const user = z.object({
  id: z.string().min(1),
  primaryEmail: z.string(),
  aliases: z.array(z.string()).catch([]),
  // Addresses below other domains of the organisation.
  nonEditableAliases: z.array(z.string()).catch([]),
  name: z.object({ fullName: z.string() }).optional().catch(undefined),
  creationTime: z.iso.datetime({ offset: true }).optional().catch(undefined),
  suspended: z.boolean().catch(false),
  archived: z.boolean().catch(false),
  isGuestUser: z.boolean().catch(false),
})
const page = z.object({ users: z.array(z.unknown()).default([]), nextPageToken: z.string().optional() })

const PAGE = 500
const MAX_PAGES = 1_000
const FIELDS =
  'nextPageToken,users(id,primaryEmail,aliases,nonEditableAliases,name(fullName),creationTime,suspended,archived,isGuestUser)'

/**
 * Lists the domain's users, deleted ones left out, on behalf of an administrator. Throws an `AppError` unless the whole list was read:
 * who is not in half a list has not left. (Directory v1, users.list, read November 2026.)
 */
export async function listDirectory(
  api: GoogleApi,
  adminEmail: string,
  signal?: AbortSignal,
): Promise<DirectoryListing> {
  const people: DirectoryPerson[] = []
  let unreadable = 0
  let pageToken: string | undefined
  for (let count = 0; count < MAX_PAGES; count++) {
    const answer = await api.call({
      as: { kind: 'service_account', subject: adminEmail, scopes: DIRECTORY_SCOPES },
      api: 'admin',
      path: '/users',
      query: {
        customer: 'my_customer',
        maxResults: PAGE,
        projection: 'basic',
        orderBy: 'email',
        fields: FIELDS,
        pageToken,
      },
      schema: page,
      priority: 'routine',
      ...(signal ? { signal } : {}),
    })
    for (const entry of answer.users) {
      const read = readPerson(entry)
      if (read === 'unreadable') unreadable += 1
      else if (read !== 'guest') people.push(read)
    }
    pageToken = answer.nextPageToken
    if (pageToken === undefined) {
      requireAdministrator(people, adminEmail)
      return { people, unreadable }
    }
  }
  throw new AppError('directory_endless', 'The list of users at Google does not come to an end.', { retry: 'later' })
}

function readPerson(entry: unknown): DirectoryPerson | 'guest' | 'unreadable' {
  const read = user.safeParse(entry)
  const email = read.success ? normaliseEmail(read.data.primaryEmail) : undefined
  if (!read.success || email === undefined) return 'unreadable'
  const { id: accountId, suspended, archived, isGuestUser, name, creationTime } = read.data
  if (isGuestUser) return 'guest'
  const status = suspended ? 'suspended' : archived ? 'archived' : 'active'
  const aliases = [...read.data.aliases, ...read.data.nonEditableAliases].map((alias) => alias.toLowerCase())
  const fullName = cleanLine(name?.fullName ?? '', 200) || null
  const createdAt = creationTime === undefined ? null : new Date(creationTime)
  return { accountId, email, aliases, status, fullName, createdAt }
}

/** Whoever asks is in the list. A list without them is of something else, or empty for a reason that nobody said. */
function requireAdministrator(people: readonly DirectoryPerson[], adminEmail: string): void {
  const isThere = people.some(({ email, aliases }) => email === adminEmail || aliases.includes(adminEmail))
  if (isThere) return
  throw new AppError(
    'directory_incomplete',
    `Google's list of users lacks ${adminEmail}, who asked for it, so it is not believed. Check GOOGLE_ADMIN_EMAIL.`,
    { retry: 'later' },
  )
}
