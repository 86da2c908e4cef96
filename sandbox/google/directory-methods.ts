import { z } from 'zod'
import { DAY_MS } from '../../src/base/time.ts'
import { json, type Method } from './call.ts'
import type { Directory, GooglePerson } from './directory.ts'
import { GoogleError, invalidValue } from './errors.ts'
import { applyMask, readFields } from './fields.ts'

/** A page token of the directory lives this long (users.list, as of 2026-11). */
const PAGE_TOKEN_MS = 3 * DAY_MS

const querySchema = z.object({
  customer: z.string().optional(),
  domain: z.string().optional(),
  maxResults: z.coerce.number().int().min(1).max(500).default(100),
  pageToken: z.string().optional(),
  showDeleted: z.enum(['true', 'false']).default('false'),
  query: z.string().optional(),
  projection: z.enum(['basic', 'full', 'custom']).default('basic'),
  orderBy: z.enum(['email', 'familyName', 'givenName']).default('email'),
  viewType: z.enum(['admin_view', 'domain_public']).default('admin_view'),
})

const pageTokenSchema = z.object({ after: z.string(), at: z.number() })

/** Directory v1: the people of the domain. */
export function directoryMethods({ directory, now }: { directory: Directory; now: () => number }): Method[] {
  const require = (personId: string, isPublic: boolean) => {
    const asking = directory.findById(personId)
    if (!isPublic && !asking?.isAdmin) {
      throw new GoogleError(403, 'forbidden', 'Not Authorized to access this resource/api')
    }
  }
  return [
    {
      name: 'users.list',
      verb: 'GET',
      path: /^\/users$/,
      needs: 'readUsers',
      run({ query }, grant) {
        const asked = querySchema.safeParse(Object.fromEntries(query))
        if (!asked.success) throw invalidValue(String(asked.error.issues[0]?.path[0]))
        const { data } = asked
        require(grant.personId, data.viewType === 'domain_public')
        const isOurs = data.customer === 'my_customer' || data.domain === directory.domain
        if (data.customer === undefined && data.domain === undefined)
          throw new GoogleError(400, 'badRequest', 'Bad Request')
        if (!isOurs) throw new GoogleError(404, 'notFound', 'Domain not found.')
        const after = data.pageToken === undefined ? '' : readPageToken(data.pageToken, now())
        const people = directory.people
          .filter(({ hostedDomain }) => hostedDomain === directory.domain)
          .filter((person) => (person.deletedAt !== null) === (data.showDeleted === 'true'))
          .filter((person) => matches(person, data.query))
          .filter((person) => placeOf(person) > after)
          .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
        const page = people.slice(0, data.maxResults)
        const last = page.at(-1)
        const next = last && people.length > page.length ? { nextPageToken: writePageToken(last, now()) } : {}
        const users = page.length > 0 ? { users: page.map(writePerson) } : {}
        const answer = { kind: 'admin#directory#users', etag: '"users"', ...users, ...next }
        return json(applyMask(answer, readFields(query.get('fields'))))
      },
    },
    {
      name: 'users.get',
      verb: 'GET',
      path: /^\/users\/([^/]+)$/,
      needs: 'readUsers',
      run({ params, query }, grant) {
        require(grant.personId, query.get('viewType') === 'domain_public')
        const key = decodeURIComponent(params[0] ?? '')
        const person = directory.find(key) ?? directory.findById(key)
        if (!person || person.deletedAt !== null) throw new GoogleError(404, 'notFound', 'Resource Not Found: userKey')
        return json(applyMask(writePerson(person), readFields(query.get('fields'))))
      },
    },
  ]
}

/** By address, and two who had the same one after the other by id. */
function placeOf({ primaryEmail, id }: GooglePerson): string {
  return `${primaryEmail} ${id}`
}

function writePageToken(last: GooglePerson, at: number): string {
  return Buffer.from(JSON.stringify({ after: placeOf(last), at })).toString('base64url')
}

function readPageToken(text: string, now: number): string {
  try {
    const { after, at } = pageTokenSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    if (now - at <= PAGE_TOKEN_MS) return after
  } catch {}
  throw invalidValue('pageToken')
}

/** The searches that are in use: `email:ana*`, `isSuspended=false`, `orgUnitPath='/Sales'`; a space means "and". */
function matches(person: GooglePerson, query: string | undefined): boolean {
  const clauses = query?.match(/\w+[:=](?:'[^']*'|\S+)/g) ?? []
  return clauses.every((clause) => {
    const [, field = '', sign = '', quoted = ''] = /^(\w+)([:=])(.*)$/.exec(clause) ?? []
    const value = quoted.replace(/^'|'$/g, '').toLowerCase()
    if (field === 'isSuspended') return String(person.isSuspended) === value
    if (field === 'isArchived') return String(person.isArchived) === value
    if (field === 'isAdmin') return String(person.isAdmin) === value
    if (field === 'orgUnitPath') return person.orgUnitPath.toLowerCase() === value
    if (field !== 'email' && field !== 'name') throw invalidValue('query')
    const text = (field === 'email' ? person.primaryEmail : person.name).toLowerCase()
    return sign === ':' ? text.startsWith(value.replace(/\*$/, '')) : text === value
  })
}

function writePerson(person: GooglePerson): Record<string, unknown> {
  const [given = '', ...family] = person.name.split(' ')
  const { isSuspended, deletedAt } = person
  return {
    kind: 'admin#directory#user',
    id: person.id,
    etag: `"${person.id}"`,
    primaryEmail: person.primaryEmail,
    name: { givenName: given, familyName: family.join(' '), fullName: person.name },
    isAdmin: person.isAdmin,
    isDelegatedAdmin: false,
    suspended: isSuspended,
    ...(isSuspended ? { suspensionReason: 'ADMIN' } : {}),
    archived: person.isArchived,
    creationTime: new Date(person.createdAt).toISOString(),
    isMailboxSetup: true,
    orgUnitPath: person.orgUnitPath,
    ...(person.aliases.length > 0 ? { aliases: person.aliases } : {}),
    ...(deletedAt === null ? {} : { deletionTime: new Date(deletedAt).toISOString() }),
    customerId: 'C0example',
  }
}
