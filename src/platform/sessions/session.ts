import { DAY_MS, MINUTE_MS } from '../../base/time.ts'

/** How long a sign-in link can be used, and how long a session lasts from its sign-in. */
export const SIGN_IN_LINK_MS = 15 * MINUTE_MS
export const SESSION_MS = 30 * DAY_MS

/** Somebody who signed in. */
export interface Session {
  /** Null where the link was made for nobody in particular, such as the one printed at the first start. */
  email: string | null
  isAdmin: boolean
  /** When it began: the address was this person's then. */
  createdAt: Date
  expiresAt: Date
}
