import type { Gathered } from './gathered.ts'

/**
 * What a server's bot brings out of a meeting, without words and people of after the hand-over: the next meeting's bot came while this one was still
 * there. Its file is `fetchMedia`'s. Pure.
 */
export function cutGathered(gathered: Gathered, passedOnAt: Date | undefined): Gathered {
  if (passedOnAt === undefined) return gathered
  return {
    ...gathered,
    recordedUntil: passedOnAt < gathered.recordedUntil ? passedOnAt : gathered.recordedUntil,
    utterances: gathered.utterances.filter(({ spokenAt }) => spokenAt < passedOnAt),
    people: gathered.people
      .filter(({ joinedAt }) => joinedAt === null || joinedAt < passedOnAt)
      .map((person) => ({
        ...person,
        leftAt: person.leftAt === null || person.leftAt > passedOnAt ? passedOnAt : person.leftAt,
      })),
  }
}
