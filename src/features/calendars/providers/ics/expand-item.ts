import { cleanLine } from '../../../../base/text.ts'
import { isTimeZone } from '../../../../base/time.ts'
import { MAX_OCCURRENCES } from '../../../../formats/recurrence/expand-rule.ts'
import type { Window } from '../../../../formats/recurrence/window.ts'
import { isOwnZone } from '../../../../formats/time-zones/own-zone.ts'
import type { SourceEvent, SourceProblem } from '../../event.ts'
import { readKind, readVisibility } from './classify.ts'
import { type Instance, listOccurrences } from './occurrences.ts'
import { type ParsedEvent, type ParsedItem, parseItem } from './parse-item.ts'
import { readPeople } from './people.ts'
import { describeProblems } from './problems.ts'
import { readTexts } from './texts.ts'

interface ExpandIcsOptions {
  window: Window
  ownerEmail: string
  /** The calendar's zone: for whole days, floating times and zones nobody knows. */
  fallbackTimeZone: string
}

/**
 * The occurrences of one item that end after the window's start and begin before its end, cancelled ones included, at most
 * MAX_OCCURRENCES. Pure; never throws for any content.
 */
export function expandIcsItem(
  content: string,
  options: ExpandIcsOptions,
): { events: SourceEvent[]; problems: SourceProblem[] } {
  const item = parseItem(content, isTimeZone(options.fallbackTimeZone) ? options.fallbackTimeZone : 'UTC')
  const { occurrences, problems } = listOccurrences(item, options.window)
  const describe = createDescriber(item, options.ownerEmail)
  const events = occurrences
    .slice(0, MAX_OCCURRENCES)
    .map((occurrence) => toEvent(occurrence, describe(occurrence.event)))
  return { events, problems: describeProblems(item, problems) }
}

type Description = Omit<SourceEvent, 'occurrenceKey' | 'startsAt' | 'endsAt' | 'isCancelled'>

/** All occurrences that one VEVENT describes share its texts and people, which are read once. */
function createDescriber(item: ParsedItem, ownerEmail: string): (event: ParsedEvent) => Description {
  const known = new Map<ParsedEvent, Description>()
  return (event) => {
    const description = known.get(event) ?? describeEvent(item.uid, event, ownerEmail)
    known.set(event, description)
    return description
  }
}

function describeEvent(uid: string, { component, start, zone }: ParsedEvent, ownerEmail: string): Description {
  const linkTexts = readTexts(component)
  return {
    uid: cleanLine(uid, 1_000),
    isAllDay: start.isAllDay,
    timeZone: zone === null || isOwnZone(zone) ? null : zone,
    title: linkTexts.title,
    ...readPeople(component, ownerEmail),
    visibility: readVisibility(component),
    kind: readKind(component),
    linkTexts,
  }
}

function toEvent(occurrence: Instance, description: Description): SourceEvent {
  return {
    ...description,
    occurrenceKey: occurrence.key,
    startsAt: new Date(occurrence.startsAt),
    endsAt: new Date(occurrence.endsAt),
    isCancelled: occurrence.isCancelled,
  }
}
