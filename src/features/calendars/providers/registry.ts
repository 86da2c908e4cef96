import { google } from './google/index.ts'
import { ics } from './ics/index.ts'
import type { CalendarProvider, Provider, ProviderParts } from './provider.ts'

/** Every provider by its name, which stands in rows, settings and addresses. */
const members = { ics, google } as const satisfies Record<string, Provider>

export type ProviderName = keyof typeof members

export type Providers = Record<ProviderName, CalendarProvider>

export const providerNames = Object.keys(members) as readonly ProviderName[]

/** A provider before it is set up: its words, and how its notices and checks go. */
export function providerNamed(name: ProviderName): Provider {
  return members[name]
}

/** Whether a version of ours knows this name, as rows of another one may not. */
export function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(members, name)
}

/** Every provider as it is set up here. Asks nobody. */
export function openProviders(parts: ProviderParts): Providers {
  const opened = providerNames.map((name) => [name, members[name].open(parts)] as const)
  return Object.fromEntries(opened) as Providers
}

/** The providers that say by themselves when a calendar changes. */
export const pushingProviders: readonly ProviderName[] = providerNames.filter((name) => providerNamed(name).notices)
