// The turns on the page, by time.
import { find } from './page.ts'

/** When a turn begins, in seconds; its id is its address. */
function startOf(turn: Element): number {
  return Number(turn.id.slice('t='.length))
}

export function allTurns(): HTMLLIElement[] {
  return [...(find('[data-turns]')?.children ?? [])] as HTMLLIElement[]
}

/** The last of some turns that has begun at a time; none before the first. */
export function turnAt(turns: readonly HTMLLIElement[], seconds: number): HTMLLIElement | undefined {
  let [low, high] = [0, turns.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (startOf(turns[middle] as HTMLLIElement) <= seconds) low = middle + 1
    else high = middle
  }
  return turns[low - 1]
}

/** The moment in an address, in seconds: #t=754.2, also with an end. */
export function momentOf(hash: string): number | undefined {
  const match = /^#t=(\d+(?:\.\d+)?)(?:,|$)/.exec(hash)
  return match ? Number(match[1]) : undefined
}
