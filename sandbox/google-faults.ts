import type { GoogleCall } from './google/call.ts'
import type { SandboxGoogle } from './google/start-google.ts'

/** What can be wrong with one person's calendar at Google, in the order in which pages list it. */
export const GOOGLE_FAULTS = [
  'notices_lost',
  'account_suspended',
  'not_a_calendar_user',
  'forbidden',
  'sync_token_gone',
  'user_rate_limit',
  'backend_error',
  'html',
  'empty',
  'hang',
  'reset',
  'cut',
] as const

export type GoogleFault = (typeof GOOGLE_FAULTS)[number]

/** True for the name of a fault, such as one from a form. */
export function isGoogleFault(name: string): name is GoogleFault {
  return (GOOGLE_FAULTS as readonly string[]).includes(name)
}

/** Orders a fault for one person; answers how to take it away. */
type OrderGoogleFault = (email: string, fault: GoogleFault) => () => void

/** Makes faults orderable for one person each. */
export function createGoogleFaults({ directory, faults, push, tokens }: SandboxGoogle): OrderGoogleFault {
  const deaf = new Set<string>()
  push.transport.copies = ({ channel }) => (deaf.has(channel.personId) ? 0 : 1)
  return (email, fault) => {
    const { id = '' } = directory.find(email) ?? {}
    if (fault === 'account_suspended') {
      directory.suspend(email)
      tokens.revoke(({ personId }) => personId === id)
      return () => directory.restore(email)
    }
    if (fault === 'notices_lost') {
      deaf.add(id)
      return () => void deaf.delete(id)
    }
    // A sync token is only refused where one is given.
    const when = fault === 'sync_token_gone' ? { when: ({ query }: GoogleCall) => query.has('syncToken') } : {}
    return faults.order({ fault, email, method: 'events.list', ...when })
  }
}
