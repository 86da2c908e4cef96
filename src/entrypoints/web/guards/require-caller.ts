import { AppError, assertNever } from '../../../base/errors.ts'
import { constantTimeEquals } from '../../../platform/secrets/index.ts'
import type { Caller } from '../route.ts'
import type { Visitor } from '../visitor.ts'
import { notFound } from '../web-errors.ts'

interface CallerFacts {
  visitor: Visitor | undefined
  isLocal: boolean
  authorization: string | undefined
  metricsToken: string | undefined
}

/** Throws unless this caller may call such a route. */
export function requireCaller(caller: Caller, facts: CallerFacts): void {
  switch (caller) {
    case 'public':
    // Who may read is asked of the transcript itself: see reader.ts.
    case 'reader':
    // What it sends is its proof, which only the handler understands.
    case 'webhook':
      return
    case 'machine':
      // Elsewhere there is nothing to be seen, not even that something is refused.
      if (!isMachine(facts)) throw notFound()
      return
    case 'signed_in':
    case 'administrator':
      requireVisitor(caller, facts.visitor)
      return
    default:
      assertNever(caller)
  }
}

function requireVisitor(caller: 'signed_in' | 'administrator', visitor: Visitor | undefined): void {
  if (!visitor) throw new AppError('sign_in_required', 'This page is for people who signed in.')
  if (caller === 'administrator' && !visitor.isAdmin) {
    throw new AppError('not_allowed', 'This page is for administrators. Ask one of yours if you need what it shows.')
  }
}

function isMachine({ isLocal, authorization, metricsToken }: CallerFacts): boolean {
  if (metricsToken === undefined) return isLocal
  return constantTimeEquals(authorization ?? '', `Bearer ${metricsToken}`)
}
