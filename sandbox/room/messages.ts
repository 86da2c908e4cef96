import { z } from 'zod'

/** What a page says to the room. */
export const fromPageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('join'),
    name: z.string(),
    /** Has a microphone. */
    speaks: z.boolean(),
    /** Wants to hear the others. */
    hears: z.boolean(),
  }),
  z.object({ type: z.literal('signal'), to: z.string(), data: z.unknown() }),
  z.object({ type: z.literal('rename'), name: z.string() }),
  z.object({ type: z.literal('chat'), text: z.string() }),
  z.object({ type: z.literal('leave') }),
])

export type FromPage = z.infer<typeof fromPageSchema>

/** What others may know of somebody in the room. */
export interface Participant {
  id: string
  name: string
  speaks: boolean
  hears: boolean
  /** The address with which they are signed in, as the platform vouches; nobody is, unless ordered. */
  email?: string
  /** A room's own camera and microphone. */
  isDevice?: boolean
}

export interface ChatMessage {
  from: string
  /** As it was when the message was written. */
  name: string
  text: string
}

/** Why somebody is not in the room any more, as the page has to say it. */
export type Farewell = 'denied' | 'lobby_timed_out' | 'removed' | 'ended'

/** What the room says to a page. */
export type ToPage =
  | { type: 'lobby' }
  | { type: 'welcome'; you: Participant; others: Participant[] }
  | { type: 'joined' | 'renamed'; participant: Participant }
  | { type: 'left'; id: string }
  | { type: 'signal'; from: string; data: unknown }
  | { type: 'chat'; message: ChatMessage }
  | { type: 'farewell'; reason: Farewell }

const NAME_LENGTH = 200
const TEXT_LENGTH = 2_000

/** A name as the room keeps it: hostile characters stay, since platforms keep them too; undefined where there is none. */
export function readName(name: string): string | undefined {
  return name.trim().slice(0, NAME_LENGTH).toWellFormed() || undefined
}

/** A chat line as the room passes it on; undefined where there is none. */
export function readText(text: string): string | undefined {
  return text.trim().slice(0, TEXT_LENGTH).toWellFormed() || undefined
}
