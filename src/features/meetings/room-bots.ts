import type { Transaction } from '../../platform/db/index.ts'

/** What is known of rooms by the bots in them; bots come after meetings, so they are asked through this. */
export interface RoomBots {
  /** The meetings that are to be attended on and whose bots sit in a room, or are on their way into it. */
  listSeatedMeetings(trx: Transaction, roomKey: string): Promise<string[]>
  /** Whether a bot of our browser was in a room under a name: then its link led there, and nowhere else. */
  wasEntered(trx: Transaction, roomKey: string): Promise<boolean>
}
