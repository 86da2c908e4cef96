import type { Transaction } from '../../../platform/db/index.ts'
import type { ConnectionDeps } from '../connection.ts'
import type { ProviderDirectory } from '../providers/provider-directory.ts'
import { type ProviderName, type Providers, providerNames } from '../providers/registry.ts'

export interface PeopleDeps extends ConnectionDeps {
  providers: Providers
  /** Limits the people of a directory; where nobody may be listed, names them. Empty: everybody of the directory. */
  pilotUsers: readonly string[]
  /** Told with a change of accounts or of who is in a group: what was planned with them is to be looked at again. */
  peopleChanged(trx: Transaction): Promise<unknown>
  random?: () => number
}

/** One provider that lets us in for a whole organisation. */
export interface Organisation extends PeopleDeps {
  provider: ProviderName
  directory: ProviderDirectory
  /** How a person's calendar is shown. */
  labelOf(email: string): string
}

/** The providers that let us in for a whole organisation. */
export function listOrganisations(deps: PeopleDeps): Organisation[] {
  return providerNames.flatMap((provider) => {
    const { directory, identify } = deps.providers[provider]
    return directory ? [{ ...deps, provider, directory, labelOf: (email: string) => identify(email).label }] : []
  })
}

/** Whether anybody says whose calendars are to be connected. */
export function knowsPeople({ directory, pilotUsers }: Organisation): boolean {
  return directory.people !== undefined || pilotUsers.length > 0
}
