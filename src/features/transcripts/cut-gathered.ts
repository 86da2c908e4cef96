import type { Gathered } from './gathered.ts'

/**
 * What a server's bot brings out of a meeting, without words and people of after the hand-over: the next meeting's bot came while this one was still
 * there. Its file is `fetchMedia`'s. Pure.
 */
export function cutGathered(gathered: Gathered, handedOnAt: Date | undefined): Gathered {
  if (handedOnAt === undefined) return gathered
  return {
    ...gathered,
    recordedUntil: handedOnAt < gathered.recordedUntil ? handedOnAt : gathered.recordedUntil,
    utterances: gathered.utterances.filter(({ spokenAt }) => spokenAt < handedOnAt),
    people: gathered.people
      .filter(({ joinedAt }) => joinedAt === null || joinedAt < handedOnAt)
      .map((person) => ({
        ...person,
        leftAt: person.leftAt === null || person.leftAt > handedOnAt ? handedOnAt : person.leftAt,
      })),
  }
}
