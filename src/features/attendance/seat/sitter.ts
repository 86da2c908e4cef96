import type { Bot } from '../../bots/index.ts'
import { SittingWriter, type WriterDeps } from '../writing/sitting-writer.ts'
import type { MeetingToAttend } from './held-bot-store.ts'

/** One bot of a seat: it waits for its turn, has the seat, or is told what is still on its way after another has taken over. */
export interface Sitter {
  bot: Bot
  meeting: MeetingToAttend
  writer: SittingWriter
  /** Not to be launched earlier: an attempt before it has just failed. */
  notBefore: Date
  /** Its meeting moved away: it is not for this seat any more. */
  isGivenBack: boolean
  /** Where its share of the seat's sound begins, in the seat's milliseconds; undefined: it hears nothing yet. */
  fromMs: number | undefined
  /** Its end is being written, by us. */
  isSettling: boolean
}

export function createSitter(
  deps: WriterDeps,
  { bot, meeting }: { bot: Bot; meeting: MeetingToAttend },
  afterMs = 0,
): Sitter {
  return {
    bot,
    meeting,
    writer: new SittingWriter(deps, bot),
    notBefore: new Date(deps.clock.now().getTime() + afterMs),
    isGivenBack: false,
    fromMs: undefined,
    isSettling: false,
  }
}
