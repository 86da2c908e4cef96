import { z } from 'zod'
import { json, type Method } from './call.ts'
import type { Directory } from './directory.ts'
import { GoogleError, invalidValue } from './errors.ts'
import { applyMask, readFields } from './fields.ts'
import type { Groups } from './groups.ts'

const querySchema = z.object({
  // At most 200 (members.list, as of 2026-11).
  maxResults: z.coerce.number().int().min(1).max(200).default(200),
  pageToken: z.coerce.number().int().nonnegative().default(0),
  includeDerivedMembership: z.enum(['true', 'false']).default('false'),
})

/** Directory v1: who is in a group. A scope of its own. */
export function groupMethods({ directory, groups }: { directory: Directory; groups: Groups }): Method[] {
  return [
    {
      name: 'members.list',
      verb: 'GET',
      path: /^\/groups\/([^/]+)\/members$/,
      needs: 'readMembers',
      run({ params, query }, grant) {
        if (!directory.findById(grant.personId)?.isAdmin) {
          throw new GoogleError(403, 'forbidden', 'Not Authorized to access this resource/api')
        }
        const asked = querySchema.safeParse(Object.fromEntries(query))
        if (!asked.success) throw invalidValue(String(asked.error.issues[0]?.path[0]))
        const { maxResults, pageToken: from, includeDerivedMembership } = asked.data
        const members = groups.membersOf(decodeURIComponent(params[0] ?? ''), includeDerivedMembership === 'true')
        if (!members) throw new GoogleError(404, 'notFound', 'Resource Not Found: groupKey')
        const page = members.slice(from, from + maxResults).map(({ email, type }, index) => ({
          kind: 'admin#directory#member',
          id: String(from + index + 1),
          ...(email === null ? {} : { email }),
          role: 'MEMBER',
          type,
          status: 'ACTIVE',
        }))
        const next = members.length > from + maxResults ? { nextPageToken: String(from + maxResults) } : {}
        const answer = { kind: 'admin#directory#members', ...(page.length > 0 ? { members: page } : {}), ...next }
        return json(applyMask(answer, readFields(query.get('fields'))))
      },
    },
  ]
}
