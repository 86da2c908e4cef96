export { SESSION_MS, type Session } from './session.ts'
export { endSession, hasAnySession, type NewSession, readSession } from './session-store.ts'
export {
  createSignInLink,
  readSignInLink,
  redeemSignInLink,
  removeExpiredSessions,
  type SignInLinkState,
} from './sign-in-link-store.ts'
