import { z } from 'zod'
import { isTimeZone } from '../../../base/time.ts'
import type { Counts, OccurrenceVariant } from '../occurrence.ts'
import { isTag } from './tags.ts'

// What stands in a file of rules. Each message goes on after the value: what is wrong with it, and what to write instead.

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const KINDS = ['default', 'out_of_office', 'focus_time', 'working_location', 'birthday'] as const
const PLATFORM_NAMES = ['google_meet', 'teams', 'zoom', 'jitsi', 'sandbox'] as const

const text = (example: string) => z.string(`is not a text; write one such as ${JSON.stringify(example)}`)
const flag = z.boolean('is neither true nor false; write one of the two, without quotation marks')
const count = z
  .number('is not a number; write a whole number such as 2, without quotation marks')
  .int('is not a whole number; write one such as 2')
  .min(0, 'is below 0; write a number that people can be counted to')
const listOf = <T extends z.ZodType>(item: T, example: string) =>
  z
    .array(item, `is not a list; write one such as ${example}`)
    .min(1, 'is empty; name at least one, or leave the field out')
const oneOf = <const T extends readonly string[]>(names: T) =>
  z.enum(names, `is not known; write one of ${names.join(', ')}`)

const ADDRESS = /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+$/
const DOMAIN = /^@[a-z0-9-]+(\.[a-z0-9-]+)+$/
const address = text('ana@example.com')
  .transform((value) => value.trim().toLowerCase())
  .refine(
    (value) => value.startsWith('group:') || ADDRESS.test(value) || DOMAIN.test(value),
    'is no address; write ana@example.com for a person or group, @example.com for everybody of a domain, or group:NAME for a list under "groups"',
  )
const addresses = listOf(address, '["ana@example.com", "@example.com", "group:board"]')
const tag = text('#norecord')
  .transform((value) => value.trim().toLowerCase())
  .refine(isTag, 'cannot be found in invitations; write # and then letters and digits, at least one beyond a to f')

const range = z
  .strictObject(
    { atLeast: count.optional(), atMost: count.optional() },
    'is no range; write {"atLeast": 2} or {"atMost": 20}',
  )
  .refine(
    (value) => value.atLeast !== undefined || value.atMost !== undefined,
    'has no limit; write atLeast, atMost or both',
  )
  .refine(
    ({ atLeast = 0, atMost = Number.POSITIVE_INFINITY }) => atLeast <= atMost,
    'can never be met, since atLeast is above atMost; exchange the two',
  )
const timeOfDay = text('08:30').regex(
  /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/,
  'is no time of day; write one such as "08:30"',
)
const hours = z
  .strictObject(
    {
      zone: text('Europe/Vienna').refine(isTimeZone, 'is no time zone; write one such as "Europe/Vienna"'),
      days: listOf(oneOf(DAYS), '["mon", "tue", "wed", "thu", "fri"]').optional(),
      from: timeOfDay,
      to: timeOfDay,
    },
    'are no hours; write {"zone": "Europe/Vienna", "from": "08:00", "to": "18:00"}',
  )
  .refine(({ from, to }) => from !== to, 'never begin, since from and to are the same; write two different times')

const conditions = z.strictObject({
  organizer: addresses.optional(),
  participant: addresses.optional(),
  everyParticipant: addresses.optional(),
  people: range.optional(),
  internal: range.optional(),
  external: range.optional(),
  accepted: range.optional(),
  tentative: range.optional(),
  declined: range.optional(),
  title: listOf(text('interview').trim().min(1, 'is empty; write a word'), '["interview"]').optional(),
  tag: listOf(tag, '["#record"]').optional(),
  optedOut: flag.optional(),
  private: flag.optional(),
  kind: listOf(oneOf(KINDS), '["default"]').optional(),
  allDay: flag.optional(),
  startsWithin: hours.optional(),
  startsOutside: hours.optional(),
  platform: listOf(oneOf(PLATFORM_NAMES), '["zoom"]').optional(),
})

const rule = z.strictObject({
  name: text('Interviews')
    .trim()
    .min(1, 'is empty; write a name by which people know the rule')
    .max(80, 'is too long; a name has at most 80 characters'),
  when: conditions.optional(),
  unless: conditions.optional(),
  decision: z.enum(['attend', 'skip'], 'is neither "attend" nor "skip"; write one of the two'),
})

export const ruleDocument = z.strictObject({
  /** People who are never recorded: no bot goes to a meeting they take part in. */
  neverRecord: z.array(address, 'is not a list; write one such as ["ana@example.com"]').default([]),
  /** The words by which anyone keeps the bot away. */
  optOutWords: z.array(tag, 'is not a list; write one such as ["#norecord"]').default(['#norecord']),
  /** Lists of addresses, by name. */
  groups: z.record(z.string(), listOf(address, '["ana@example.com", "@example.com"]')).default({}),
  rules: z
    .array(rule, 'is not a list; write the rules between [ and ]')
    .max(200, 'has too many rules; at most 200')
    .default([]),
})

export type RuleDocument = z.output<typeof ruleDocument>
export type Rule = RuleDocument['rules'][number]
export type Conditions = z.output<typeof conditions>
export type Hours = z.output<typeof hours>
export type Range = z.output<typeof range>

/** The names of fields, for whoever wrote one that does not exist. */
export const fieldNames = {
  document: Object.keys(ruleDocument.shape),
  rule: Object.keys(rule.shape),
  conditions: Object.keys(conditions.shape),
}

/** What rules may look at: aggregates of the copies, never all of them. */
export interface RuleInput {
  /** The copy that speaks for the meeting: the organiser's, else the most supported. */
  said: Pick<
    OccurrenceVariant,
    'isAllDay' | 'kind' | 'visibility' | 'title' | 'organizerEmail' | 'startsAt' | 'platform'
  >
  /** Organisers and invited people. */
  people: ReadonlySet<string>
  /** How many there are; more than `people` where guests may not see each other. */
  peopleCount: number
  /** Who takes part, as far as rules name them: people, invited groups, and owners of copies. */
  addresses: ReadonlySet<string>
  /** Words with # in the supported copies. */
  tags: ReadonlySet<string>
  /** The word against recording that one of these copies carries. */
  optOutWord: string | null
  counts: Counts
}
