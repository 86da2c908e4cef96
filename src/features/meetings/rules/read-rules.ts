import type { z } from 'zod'
import { AppError, describeError } from '../../../base/errors.ts'
import { truncateText } from '../../../base/text.ts'
import { stripComments } from '../../../formats/json/strip-comments.ts'
import { type Conditions, fieldNames, type Rule, type RuleDocument, ruleDocument } from './rule.ts'

/** Longer than anybody writes. */
const MAX_LENGTH = 256_000

/** Something in a file of rules that cannot stay as it is. */
interface RuleProblem {
  /** Name of the rule, or its place where it has none; null outside the rules. */
  rule: string | null
  /** Such as `when.people.atLeast`. */
  field: string
  /** What is wrong and what to write instead. */
  problem: string
}

/** What the organisation knows about itself, as far as rules depend on it. */
export interface RuleContext {
  /** The organisation's e-mail domains; where none is known, nobody can be told from outside. */
  orgDomains: readonly string[]
}

/** Reads a text of rules (JSON with comments). Throws `rules_invalid` with everything that is wrong, as `details.problems` too. */
export function readRules(source: string, context: RuleContext): RuleDocument {
  const problems = findRuleProblems(source, context)
  if (!Array.isArray(problems)) return problems
  throw new AppError(
    'rules_invalid',
    `The rules cannot be used as they are:\n${problems.map((one) => `  ${problemSentence(one)}`).join('\n')}`,
    { details: { problems } },
  )
}

function findRuleProblems(source: string, context: RuleContext): RuleDocument | RuleProblem[] {
  const whole = (problem: string) => [{ rule: null, field: 'file', problem }]
  if (source.length > MAX_LENGTH) return whole(`has more than ${MAX_LENGTH} characters; shorten it`)
  let json: unknown
  try {
    json = JSON.parse(stripComments(source))
  } catch (error) {
    return whole(
      `is no JSON: ${describeError(error)}; mend that place (comments are fine, keys and texts need quotation marks)`,
    )
  }
  const parsed = ruleDocument.safeParse(json)
  if (!parsed.success) return parsed.error.issues.flatMap((issue) => toProblems(issue, json))
  const contradictions = findContradictions(parsed.data, context)
  return contradictions.length > 0 ? contradictions : parsed.data
}

/** One problem as a sentence for a person. */
function problemSentence({ rule, field, problem }: RuleProblem): string {
  return `${rule === null ? '' : `Rule "${rule}", `}${field}: ${problem}.`
}

function toProblems(issue: z.core.$ZodIssue, json: unknown): RuleProblem[] {
  const { rule, field } = placeOf(issue.path, json)
  const at = (name: string) => (field === '' ? name : `${field}.${name}`)
  if (issue.code === 'unrecognized_keys') {
    const known = knownFields(issue.path).join(', ')
    return issue.keys.map((key) => ({ rule, field: at(key), problem: `does not exist; the fields here are ${known}` }))
  }
  const value = valueAt(json, issue.path)
  if (value === undefined) return [{ rule, field, problem: `is missing; ${remedyIn(issue.message)}` }]
  const shown = truncateText(JSON.stringify(value), 60)
  return [{ rule, field: field || 'file', problem: `${shown} ${issue.message}` }]
}

function knownFields(path: readonly PropertyKey[]): readonly string[] {
  const last = path.at(-1)
  if (path.length === 0) return fieldNames.document
  if (last === 'when' || last === 'unless') return fieldNames.conditions
  if (typeof last === 'number') return fieldNames.rule
  return last === 'startsWithin' || last === 'startsOutside' ? ['zone', 'days', 'from', 'to'] : ['atLeast', 'atMost']
}

/** What to do, of a message that says first what is wrong. */
function remedyIn(message: string): string {
  return message.slice(message.indexOf(';') + 1).trim()
}

function placeOf(path: readonly PropertyKey[], json: unknown): { rule: string | null; field: string } {
  const [first, index, ...rest] = path
  if (first !== 'rules' || typeof index !== 'number') return { rule: null, field: path.map(String).join('.') }
  const name = valueAt(json, ['rules', index, 'name'])
  const rule = typeof name === 'string' && name.trim() !== '' ? truncateText(name, 80) : `number ${index + 1}`
  return { rule, field: rest.map(String).join('.') }
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  let value = json
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PropertyKey, unknown>)[key]
  }
  return value
}

/** What each field for itself allows and the whole does not. */
function findContradictions(document: RuleDocument, context: RuleContext): RuleProblem[] {
  const seen = new Set<string>()
  let all: Rule | undefined
  const ofRules = document.rules.flatMap((rule): RuleProblem[] => {
    const problems = conditionsOf(rule).flatMap(({ name, conditions }) =>
      findConditionProblems(document, context, conditions).map((one) => ({
        rule: rule.name,
        field: `${name}.${one.field}`,
        problem: one.problem,
      })),
    )
    const key = rule.name.toLowerCase()
    if (seen.has(key))
      problems.push({ rule: rule.name, field: 'name', problem: 'is used twice; give each rule a name of its own' })
    seen.add(key)
    if (all)
      problems.push({
        rule: rule.name,
        field: 'when',
        problem: `is never asked, since "${all.name}" before it has no conditions; move it up or take it out`,
      })
    if (isForAll(rule)) all ??= rule
    return problems
  })
  return [
    ...unknownGroups(document, document.neverRecord).map((problem) => ({ rule: null, field: 'neverRecord', problem })),
    ...Object.entries(document.groups).flatMap(([name, members]) =>
      members
        .filter((member) => member.startsWith('group:'))
        .map((member) => ({
          rule: null,
          field: `groups.${name}`,
          problem: `"${member}" is a group in a group; write its addresses here`,
        })),
    ),
    ...ofRules,
  ]
}

function conditionsOf({ when, unless }: Rule): { name: string; conditions: Conditions }[] {
  return [
    ...(when ? [{ name: 'when', conditions: when }] : []),
    ...(unless ? [{ name: 'unless', conditions: unless }] : []),
  ]
}

/** A rule to skip without conditions leaves nothing to those after it; one to attend still leaves what people marked themselves. */
function isForAll({ when, unless, decision }: Rule): boolean {
  return decision === 'skip' && Object.keys(when ?? {}).length === 0 && Object.keys(unless ?? {}).length === 0
}

function findConditionProblems(
  document: RuleDocument,
  { orgDomains }: RuleContext,
  conditions: Conditions,
): { field: string; problem: string }[] {
  const lists = (['organizer', 'participant', 'everyParticipant'] as const).flatMap((field) =>
    unknownGroups(document, conditions[field] ?? []).map((problem) => ({ field, problem })),
  )
  const sides = (['internal', 'external'] as const)
    .filter((field) => conditions[field] !== undefined && orgDomains.length === 0)
    .map((field) => ({
      field,
      problem: "cannot be told, since the organisation's domains are not known; set ORG_DOMAINS, such as example.com",
    }))
  return [...lists, ...sides]
}

function unknownGroups({ groups }: RuleDocument, list: readonly string[]): string[] {
  const names = Object.keys(groups)
  return list
    .filter((entry) => entry.startsWith('group:') && !names.some((name) => name.toLowerCase() === entry.slice(6)))
    .map((entry) =>
      names.length === 0
        ? `"${entry}" is not known, and there are no groups; define it under "groups"`
        : `"${entry}" is not known; the groups are ${names.join(', ')}`,
    )
}
