import { z } from 'zod'
import { AppError, isAppError } from '../../../base/errors.ts'
import { normaliseEmail } from '../../../base/text.ts'
import { type GoogleApi, GROUP_SCOPES } from '../providers/registry.ts'

const page = z.object({ members: z.array(z.unknown()).default([]), nextPageToken: z.string().optional() })
const member = z.object({ email: z.string().optional(), type: z.string().catch('USER') })

const PAGE = 200
const MAX_PAGES = 1_000

/** Who is in a group: addresses, and whether everybody of the organisation is. */
interface GroupListing {
  addresses: string[]
  hasEverybody: boolean
}

/**
 * Lists who is in a group, also through groups in it; undefined where Google knows no such group. Throws an `AppError` unless it was read
 * whole: with `google_org_not_authorized` where the Admin console does not allow the scope. (Directory v1, members.list, read November 2026.)
 */
export async function listGroupMembers(
  api: GoogleApi,
  adminEmail: string,
  group: string,
  signal?: AbortSignal,
): Promise<GroupListing | undefined> {
  const listing: GroupListing = { addresses: [], hasEverybody: false }
  let pageToken: string | undefined
  for (let count = 0; count < MAX_PAGES; count++) {
    const answer = await askForMembers(api, adminEmail, group, pageToken, signal)
    if (!answer) return undefined
    for (const entry of answer.members) {
      const { email, type } = member.safeParse(entry).data ?? {}
      if (type === 'CUSTOMER') listing.hasEverybody = true
      const address = type === 'GROUP' ? undefined : normaliseEmail(email ?? '')
      if (address !== undefined) listing.addresses.push(address)
    }
    pageToken = answer.nextPageToken
    if (pageToken === undefined) return listing
  }
  throw new AppError('directory_endless', 'The list of members at Google does not come to an end.', { retry: 'later' })
}

async function askForMembers(
  api: GoogleApi,
  adminEmail: string,
  group: string,
  pageToken: string | undefined,
  signal: AbortSignal | undefined,
): Promise<z.output<typeof page> | undefined> {
  try {
    return await api.call({
      as: { kind: 'service_account', subject: adminEmail, scopes: GROUP_SCOPES, isOptional: true },
      api: 'admin',
      path: `/groups/${encodeURIComponent(group)}/members`,
      query: {
        includeDerivedMembership: true,
        maxResults: PAGE,
        fields: 'nextPageToken,members(email,type)',
        pageToken,
      },
      schema: page,
      priority: 'routine',
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (isAppError(error, 'google_not_found')) return undefined
    throw error
  }
}
