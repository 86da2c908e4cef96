import type { ParseArgsOptionsConfig } from 'node:util'

import type { Actor } from '../../features/people/index.ts'

/** Who makes a change by a command: whoever may run one on this machine. */
export const COMMAND_LINE: Actor = { by: 'command line' }

/** How a command went: 0 done, 1 it failed, 2 it was called wrongly. */
export type ExitStatus = 0 | 1 | 2

export interface CommandInput {
  positionals: string[]
  /** Options as given; only those the command names. */
  options: Record<string, string | boolean | undefined>
}

export interface Output {
  /** A line for people, or the one JSON document of `--json`. */
  print(line: string): void
  /** A line about how it goes, never mixed into what a program reads. */
  note(line: string): void
}

export interface Command {
  name: string
  /** One line for the list of commands. */
  summary: string
  /** What stands after the name. */
  usage: string
  /** Further lines of its help. */
  help?: string
  options?: ParseArgsOptionsConfig
  run(input: CommandInput, output: Output): Promise<ExitStatus | undefined>
}

/** Thrown for a call that cannot be understood: the message and the usage are shown, and the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The one positional a command needs. */
export function requirePositional(input: CommandInput, index: number, what: string): string {
  const value = input.positionals[index]
  if (value === undefined || value === '') throw new UsageError(`${what} is missing.`)
  return value
}

/** The text of an option, where given. */
export function textOption(input: CommandInput, name: string): string | undefined {
  const value = input.options[name]
  return typeof value === 'string' ? value : undefined
}

/** The whole number of an option, where given. */
export function wholeNumberOption(
  input: CommandInput,
  name: string,
  { least, most }: { least: number; most: number },
): number | undefined {
  const text = textOption(input, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && least <= value && value <= most) return value
  throw new UsageError(`--${name} ${text} is no whole number from ${least} to ${most}.`)
}
