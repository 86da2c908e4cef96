import type { CalendarAccess, CalendarProvider, CheckParts, NoticeRequest } from './provider.ts'

/** A calendar at a provider, with a hand on the other side. */
export interface ProviderUnderTest extends AsyncDisposable {
  provider: CalendarProvider
  reader: CalendarAccess
  /** Puts an event there, or changes it: half an hour at an instant, each week where it says so. */
  put(event: { name: string; startsAt: Date; isWeekly?: boolean }): void
  remove(name: string): void
  /** From now on the other side answers with a fault. */
  fail(): void
  /** Something that a person could give, and something that means nothing. */
  given: { good: string; bad: string }
  /** Where notices can be sent to, and what has come there so far; undefined where the provider sends none. */
  notices?: { address: string; heard(): Promise<readonly NoticeRequest[]> }
  /** Somebody of the directory, and a group with them in it; undefined where there is no directory. */
  directory?: { person: { accountId: string; email: string }; group: string }
  /** What a person does who was sent to the provider: they agree, and come back; undefined where nobody consents. */
  consent?: { redirectUri: string; agree(location: URL): URL; email: string }
  /** As this installation is set up, and as one without any settings is. */
  checked: { setUp: CheckParts; bare: CheckParts }
}
