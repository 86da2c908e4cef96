import { z } from 'zod'
import { badRequest, invalidValue } from './errors.ts'
import { type Mask, readFields } from './fields.ts'

/** What a listing is asked for. */
export interface ListQuery {
  maxResults: number
  singleEvents: boolean
  showDeleted: boolean | undefined
  timeMin: number | undefined
  timeMax: number | undefined
  syncToken: string | undefined
  pageToken: string | undefined
  eventTypes: readonly string[]
  maxAttendees: number | undefined
  timeZone: string | undefined
  orderBy: 'startTime' | 'updated' | undefined
  updatedMin: number | undefined
  iCalUID: string | undefined
  q: string | undefined
  originalStart: string | undefined
  fields: Mask | undefined
  fieldsText: string
}

/** Not to be named together with a sync token (events.list, page of the sync guide of 2026-09-11). */
const FORBIDDEN_WITH_SYNC_TOKEN = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'timeMin',
  'timeMax',
  'updatedMin',
]

const EVENT_TYPES = new Set(['default', 'birthday', 'focusTime', 'fromGmail', 'outOfOffice', 'workingLocation'])

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const instant = z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1_000) * 1_000)
const count = (most: number) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .transform((given) => Math.min(given, most))

const querySchema = z.object({
  maxResults: count(2_500).default(250),
  singleEvents: flag.default(false),
  showDeleted: flag.optional(),
  showHiddenInvitations: flag.optional(),
  timeMin: instant.optional(),
  timeMax: instant.optional(),
  syncToken: z.string().optional(),
  pageToken: z.string().optional(),
  maxAttendees: count(10_000).optional(),
  timeZone: z.string().optional(),
  orderBy: z.enum(['startTime', 'updated']).optional(),
  updatedMin: instant.optional(),
  iCalUID: z.string().optional(),
  q: z.string().optional(),
  originalStart: z.string().optional(),
  quotaUser: z.string().max(40).optional(),
})

/** Reads the parameters of a listing. Throws what Google answers to wrong ones. */
export function readListQuery(params: URLSearchParams): ListQuery {
  const read = querySchema.safeParse(Object.fromEntries(params))
  if (!read.success) throw invalidValue(String(read.error.issues[0]?.path[0]))
  const { data } = read
  const eventTypes = params.getAll('eventTypes')
  if (eventTypes.some((type) => !EVENT_TYPES.has(type))) throw invalidValue('eventTypes')
  if (data.orderBy === 'startTime' && !data.singleEvents) {
    throw badRequest('The requested ordering is not available for the particular query.', 'orderBy')
  }
  if (data.timeMin !== undefined && data.timeMax !== undefined && data.timeMax <= data.timeMin) {
    throw badRequest('The specified time range is empty.', 'timeMax')
  }
  if (data.syncToken !== undefined) refuseWithSyncToken(params)
  const fields = readFields(params.get('fields'))
  return { ...empty, ...data, eventTypes, fields, fieldsText: params.get('fields') ?? '' }
}

const empty = {
  showDeleted: undefined,
  timeMin: undefined,
  timeMax: undefined,
  syncToken: undefined,
  pageToken: undefined,
  maxAttendees: undefined,
  timeZone: undefined,
  orderBy: undefined,
  updatedMin: undefined,
  iCalUID: undefined,
  q: undefined,
  originalStart: undefined,
}

function refuseWithSyncToken(params: URLSearchParams): void {
  const offender = FORBIDDEN_WITH_SYNC_TOKEN.find((name) => params.has(name))
  if (offender) throw badRequest(`Sync token cannot be used with ${offender}.`, offender)
  if (params.get('showDeleted') === 'false')
    throw badRequest('Sync token cannot be used with showDeleted.', 'showDeleted')
}
