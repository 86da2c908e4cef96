/** What the pretend Google is told. */
export interface GoogleOrder {
  id: number
  what: 'usage' | 'reset' | 'change'
}

export interface UsageSoFar {
  /** Without those for tokens. */
  calls: number
  tokens: number
  bytes: number
}

export interface ChangeMade {
  email: string
}

export type Ordered = UsageSoFar | ChangeMade | Record<never, never>
