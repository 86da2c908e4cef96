import { findClip } from '../../voices/clips.ts'

/**
 * What one person does, in milliseconds from the start of the scene. Somebody who comes back is listed again with a later `joinsAtMs`;
 * somebody who joins twice is listed twice.
 */
export interface CastMember {
  name: string
  /** Default 0. */
  joinsAtMs?: number
  /** Clips in the order of their times. One that is due while another is spoken follows it. */
  says?: readonly { clip: string; atMs: number }[]
  writes?: readonly { text: string; atMs: number }[]
  renames?: readonly { to: string; atMs: number }[]
  /** Presses "Leave". Without this and `dropsOutAtMs` the person stays to the end. */
  leavesAtMs?: number
  /** Vanishes without a word, as a crashed browser does. */
  dropsOutAtMs?: number
  /** Default false: nobody listens to what pretend people hear, and not sending it to them is most of their cost. */
  hears?: boolean
}

export type Cast = readonly CastMember[]

/** One step of a person's part. */
export type Action =
  | { kind: 'say'; clip: string; atMs: number }
  | { kind: 'write'; text: string; atMs: number }
  | { kind: 'rename'; to: string; atMs: number }
  | { kind: 'leave' | 'drop_out'; atMs: number }

/** A person's steps after joining, by time. Throws for an unknown clip and for what would happen before joining. */
export function actionsOf(member: CastMember): Action[] {
  const { name, joinsAtMs = 0, says = [], writes = [], renames = [], leavesAtMs, dropsOutAtMs } = member
  for (const { clip } of says) findClip(clip)
  const actions: Action[] = [
    ...says.map((one) => ({ kind: 'say' as const, ...one })),
    ...writes.map((one) => ({ kind: 'write' as const, ...one })),
    ...renames.map((one) => ({ kind: 'rename' as const, ...one })),
  ]
  if (leavesAtMs !== undefined) actions.push({ kind: 'leave', atMs: leavesAtMs })
  if (dropsOutAtMs !== undefined) actions.push({ kind: 'drop_out', atMs: dropsOutAtMs })
  const tooEarly = actions.find(({ atMs }) => atMs < joinsAtMs)
  if (tooEarly)
    throw new Error(`${name} cannot ${tooEarly.kind} at ${tooEarly.atMs} ms, before joining at ${joinsAtMs}`)
  return actions.sort((a, b) => a.atMs - b.atMs)
}
