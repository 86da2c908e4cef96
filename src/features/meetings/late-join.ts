/**
 * The last instant (milliseconds since 1970) at which a bot still goes to a meeting: while so much of it is left as a setting asks for, and in
 * the first half of a shorter one, so that who is punctual is never too late.
 */
export function latestJoinOf({ startsAt, endsAt }: { startsAt: Date; endsAt: Date }, lateJoinMs: number): number {
  const half = Math.max(0, endsAt.getTime() - startsAt.getTime()) / 2
  return endsAt.getTime() - Math.min(lateJoinMs, half)
}
