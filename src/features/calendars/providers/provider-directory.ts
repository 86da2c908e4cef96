import type { AppError } from '../../../base/errors.ts'

/** An organisation that lets us read its people's calendars, without asking each of them. */
export interface ProviderDirectory {
  /** What the stored keys of such calendars end with: `{email}-{keyEnding}`. */
  keyEnding: string
  /** What a predecessor's ended with. */
  formerKeyEndings: readonly string[]
  /** Who there is; left out where nobody may be listed, so that only the people of the settings are known. */
  people?: PeopleListing
}

export interface PeopleListing {
  /** Lists everybody. Throws an `AppError` unless the whole list was read: who is not in half a list has not left. */
  list(signal?: AbortSignal): Promise<DirectoryListing>
  /** Lists who is in a group, also through groups in it; undefined where there is none of this address. Throws an `AppError` unless it was read whole. */
  listGroupMembers(group: string, signal?: AbortSignal): Promise<GroupListing | undefined>
  /** Whether an error of `listGroupMembers` says nothing about other groups. */
  concernsOneGroup(error: AppError): boolean
}

export interface DirectoryListing {
  people: readonly DirectoryPerson[]
  /** Entries that could not be understood. Who is missing may be one of them. */
  unreadable: number
}

/** Somebody of the organisation; the directory knows everybody's id. */
export interface DirectoryPerson {
  /** The provider's own id, which stays when the address changes. */
  accountId: string
  email: string
  aliases: readonly string[]
  status: 'active' | 'suspended' | 'archived'
  fullName: string | null
  createdAt: Date | null
}

/** Who is in a group: addresses, and whether everybody of the organisation is. */
export interface GroupListing {
  addresses: string[]
  hasEverybody: boolean
}
