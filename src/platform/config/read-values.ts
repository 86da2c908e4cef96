import { readFileSync } from 'node:fs'
import { AppError, describeError } from '../../base/errors.ts'
import { type Values, type Variable, variables } from './variables.ts'

/** What was read, and what a person should be told about it. */
interface ReadResult {
  values: Values
  warnings: readonly string[]
}

const table: Record<string, Variable> = variables

/**
 * Reads every variable of ours out of an environment. All that is wrong is said in one error (`config_invalid`).
 * An empty variable counts as unset; NAME_FILE is read for secrets, without the line break at its end.
 */
export function readValues(environment: Readonly<Record<string, string | undefined>>): ReadResult {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(table)) {
    const raw = rawValue(name, variable, environment, problems)
    const parsed = variable.schema.safeParse(raw)
    if (parsed.success) values[name] = parsed.data
    else problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is invalid'}${shown(variable, raw)}.`)
  }
  if (problems.length > 0) {
    throw new AppError('config_invalid', `The settings cannot be used:\n  ${problems.join('\n  ')}`)
  }
  return { values: values as Values, warnings: misspelt(environment) }
}

function rawValue(
  name: string,
  variable: Variable,
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string | undefined {
  const direct = environment[name]?.trim() || undefined
  const file = variable.secret ? environment[`${name}_FILE`]?.trim() || undefined : undefined
  if (file === undefined) return direct
  if (direct !== undefined) {
    problems.push(`${name} and ${name}_FILE are both set; keep one.`)
    return direct
  }
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined
  } catch (error) {
    problems.push(`${name}_FILE names a file that cannot be read (${describeError(error)}).`)
    return undefined
  }
}

function shown(variable: Variable, raw: string | undefined): string {
  return variable.secret || raw === undefined ? '' : ` (it is "${raw.slice(0, 100)}")`
}

/** Warnings for names that are nearly ours, such as ADMIN_EMAIL. Foreign variables are nobody's business. */
function misspelt(environment: Readonly<Record<string, string | undefined>>): string[] {
  const ours = Object.keys(table)
  const known = new Set<string>(ours.flatMap((name) => [name, `${name}_FILE`]))
  const warnings: string[] = []
  for (const name of Object.keys(environment)) {
    if (known.has(name) || name.length < 6) continue
    const near = ours.find((candidate) => isOneSlipApart(name, candidate))
    if (near) warnings.push(`${name} is not a setting of Rapporteur. Did you mean ${near}?`)
  }
  return warnings
}

/** One letter too many, missing, wrong or swapped, or the same letters in another case. */
function isOneSlipApart(a: string, b: string): boolean {
  if (a === b) return false
  if (a.toUpperCase() === b) return true
  if (a.length < 6 || Math.abs(a.length - b.length) > 1) return false
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  let i = 0
  while (i < short.length && short[i] === long[i]) i++
  if (short.length !== long.length) return short.slice(i) === long.slice(i + 1)
  if (short.slice(i + 1) === long.slice(i + 1)) return true
  return short[i] === long[i + 1] && short[i + 1] === long[i] && short.slice(i + 2) === long.slice(i + 2)
}
