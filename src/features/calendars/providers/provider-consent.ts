import type { AppError } from '../../../base/errors.ts'

/** The way to a provider's own pages and back, on which a person proves there who they are, or allows something. */
interface AuthorisationFlow<Brought> {
  /** Where the provider sends people back to; undefined: to our own address, as they see it. */
  redirectUri: URL | undefined
  /** Where a person goes. The state comes back as it is; the challenge is the SHA-256 of the verifier, in base64url (PKCE). */
  locate(input: { redirectUri: string; state: string; codeChallenge: string; loginHint?: string }): URL
  /**
   * Exchanges the code that a person brought, which works once. Throws an `AppError` that says what to do: `consent_…` where it is the
   * person's matter, `<provider>_client_refused` where it is the installation's, `<provider>_unavailable` for what may pass.
   */
  redeem(input: { code: string; verifier: string; redirectUri: string }): Promise<Brought>
  /** What it means that a person came back with an error and no code. */
  explainRefusal(error: string): AppError
}

/** How people let us read their own calendar. */
export interface ProviderConsent extends AuthorisationFlow<Consented> {
  /** What to do where it came without the permission that lasts, and none is stored. */
  explainMissingGrant(): AppError
}

/** Signing in to the pages; a place for it, which no member fills yet. */
export type ProviderSignIn = AuthorisationFlow<ProviderAccount>

/** Whose account it is. */
export interface ProviderAccount {
  /** The provider's own id of the account: addresses change and are given to others. */
  accountId: string
  /** An address that the provider vouches for. */
  email: string
  name: string | null
}

interface Consented {
  account: ProviderAccount
  /** Left out where the provider gives one with the first consent only. */
  refreshToken: string | undefined
}
