export { SESSION_MS } from './session.ts'
export { endSession, hasAnySession, readSession } from './session-store.ts'
export {
  createSignInLink,
  readSignInLink,
  redeemSignInLink,
  removeExpiredSessions,
  type SignInLinkState,
} from './sign-in-link-store.ts'
