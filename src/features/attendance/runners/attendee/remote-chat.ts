import { isAppError } from '../../../../base/errors.ts'
import type { SittingEvent } from '../runner.ts'
import type { RemoteBot } from './attendee-answers.ts'
import type { AttendeeApi } from './attendee-api.ts'
import { fitText } from './fit-server.ts'

/**
 * Has a server's bot in a room write texts into the chat, each once. One that the server does not take now is tried again the next time; one of
 * which it is unclear whether it was written is not: nobody is told twice.
 */
export function createRemoteChat(deps: {
  api: Pick<AttendeeApi, 'say'>
  now(): Date
  emit(event: SittingEvent): void
}): (bot: RemoteBot, texts: readonly string[]) => Promise<void> {
  const tried = new Set<string>()
  return async (bot, texts) => {
    for (const text of texts.map(fitText)) if (text !== '') await write(bot, text)
  }

  async function write(bot: RemoteBot, text: string): Promise<void> {
    if (tried.has(text)) return
    tried.add(text)
    try {
      if ((await deps.api.say(bot.id, text)) === 'done') deps.emit({ type: 'said', at: deps.now(), text })
      else tried.delete(text)
    } catch (error) {
      if (!isAppError(error)) throw error
      if (error.code === 'attendee_busy') tried.delete(text)
    }
  }
}
