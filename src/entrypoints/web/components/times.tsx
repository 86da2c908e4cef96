import { dayOf } from '../../../base/time.ts'
import { clockTime, dayAndTime, distance, shortDay } from '../formats.ts'

/** An instant with its day, and how long ago that is while that still says something. "—" for one that never was. */
export function Moment({ at, zone, now }: { at: Date | null; zone: string; now?: Date }) {
  if (at === null) return <span class="muted">—</span>
  const ago = now === undefined ? null : distance(at, now)
  return (
    <span class="moment">
      <time datetime={at.toISOString()}>{dayAndTime(at, zone)}</time>
      {ago === null ? null : <span class="muted"> ({ago})</span>}
    </span>
  )
}

/** The clock time of an instant. */
export function ClockTime({ at, zone }: { at: Date; zone: string }) {
  return <time datetime={at.toISOString()}>{clockTime(at, zone)}</time>
}

/** From when to when, under a heading that says the day. */
export function Period(props: { startsAt: Date; endsAt: Date; isAllDay: boolean; zone: string }) {
  const { startsAt, endsAt, isAllDay, zone } = props
  if (isAllDay) return <time datetime={startsAt.toISOString()}>All day</time>
  return (
    <>
      <span class="moment">
        <ClockTime at={startsAt} zone={zone} />–<ClockTime at={endsAt} zone={zone} />
      </span>
      {dayOf(startsAt, zone) === dayOf(endsAt, zone) ? null : <small>until {shortDay(endsAt, zone)}</small>}
    </>
  )
}
