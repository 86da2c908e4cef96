import { cleanLine } from '../../../base/text.ts'

/** By which names bots are told from people. */
export interface BotNames {
  /** Whether this is our bot's name. */
  isOurs(name: string | null): boolean
  /** Whether another recording bot's name is in it, as whole words. */
  isAnothers(name: string | null): boolean
  /** Whether the name of any bot is in it. */
  isBots(name: string | null): boolean
}

/** Compares names without regard to case, to how they are spaced, and to marks that nobody sees. */
export function createBotNames(ownName: string, otherNames: readonly string[]): BotNames {
  const own = comparable(ownName)
  const others = otherNames.map(wordsOf)
  const includesAny = (name: string | null, bots: readonly string[]) => {
    const words = wordsOf(name ?? '')
    return bots.some((bot) => bot.trim() !== '' && words.includes(bot))
  }
  return {
    isOurs: (name) => name !== null && comparable(name) === own,
    isAnothers: (name) => includesAny(name, others),
    isBots: (name) => includesAny(name, [wordsOf(ownName), ...others]),
  }
}

function comparable(name: string): string {
  return cleanLine(name.normalize('NFKC')).toLowerCase()
}

/** The words of a name with a space around each, so that only whole ones match. */
function wordsOf(name: string): string {
  return ` ${comparable(name)
    .split(/[\s_-]+/)
    .join(' ')
    .trim()} `
}
