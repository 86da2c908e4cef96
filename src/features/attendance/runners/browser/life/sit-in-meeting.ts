import type { Clock } from '../../../../../base/clock.ts'
import { describeError, isAppError } from '../../../../../base/errors.ts'
import { truncateText } from '../../../../../base/text.ts'
import { MINUTE_MS } from '../../../../../base/time.ts'
import { type BotEnd, type BotHappening, endOfFailure } from '../../../../bots/index.ts'
import type { Observation } from '../../../platforms/platform.ts'
import type { Hearing, Sitting, SittingEvent } from '../../runner.ts'
import { createJudge, type Ending } from './judge-sitting.ts'
import { createRoster } from './roster.ts'

/** The bot's page at the room, and its ear. Every promise has a deadline of its own. */
export interface RoomPage {
  open(url: string): Promise<void>
  /** Where its link has led, as the platform says; null where it does not say. */
  roomAddress(): Promise<string | null>
  requestJoin(): Promise<void>
  observe(): Promise<Observation>
  /** Answers the instant of the first sample. */
  startRecording(): Promise<Date>
  /** Resolves when the last sound was told. */
  stopRecording(): Promise<void>
  say(text: string): Promise<boolean>
  leave(): Promise<void>
  /** What was heard since it was asked last. */
  listen(company: number): { hearing: Hearing; soundAtMs: number | undefined; heard: readonly string[] }
}

/** What the outside wants of a sitting, read at every look. */
export interface SittingWishes {
  /** Set: to leave, for this reason. */
  leave: BotEnd | undefined
  /** Before the bot asks for entry. */
  joinAt: Date
  url: string
  /** The address to which its link may lead. */
  leadsTo?: string
  endsAt: Date
  /** Until then being alone or in silence is no reason to leave. */
  stayUntil?: Date
  /** To be written into the chat. */
  say?: string
}

interface SitDeps {
  room: RoomPage
  clock: Clock
  /** Resolves after this time, or at once when a wish changes. */
  pause(ms: number): Promise<void>
  emit(event: SittingEvent): void
}

/** After this many looks in a row that failed, the page is given up. */
const FAILED_LOOKS = 3

/**
 * A bot's life at one meeting: waits for its time, asks for entry, sits in the room, and leaves for a reason that it tells. Resolves when it
 * is out; never rejects for anything the meeting or its page does.
 */
export async function sitInMeeting(deps: SitDeps, sitting: Sitting, wishes: SittingWishes): Promise<void> {
  const move = (one: BotHappening) => deps.emit({ type: 'moved', at: deps.clock.now(), ...one })
  let isRecording = false
  let toldHearing: Hearing = 'well'
  let saidLast: string | undefined
  let ending: Ending
  try {
    ending = (await waitAtDoor(deps, wishes, sitting, move)) ?? (await stay())
  } catch (error) {
    ending = endingOfFailure(error, isRecording)
  }
  // What was said up to here is still on its way out of the page, which the leaving does not hold up.
  if (ending.event === 'leave_requested') move(ending)
  // A page that does not answer is asked for nothing more: it is closed, and the bot is out.
  const answers = ending.end !== 'page_unresponsive'
  if (ending.withdraw && answers) await deps.room.leave().catch(() => {})
  if (isRecording && answers) await deps.room.stopRecording().catch(() => {})
  if (ending.event === 'leave_requested') move({ event: 'left_meeting' })
  else move(ending)

  async function stay(): Promise<Ending> {
    const judge = createJudge(sitting.limits, deps.clock.now().getTime())
    const roster = createRoster(sitting.botName, sitting.otherBotNames)
    let failedLooks = 0
    for (;;) {
      if (wishes.leave !== undefined) return { event: 'leave_requested', end: wishes.leave, withdraw: true }
      const observation = await deps.room.observe().catch((error: unknown) => {
        if (isAppError(error, 'browser_crashed') || ++failedLooks >= FAILED_LOOKS) throw error
        return undefined
      })
      if (observation) {
        failedLooks = 0
        const changes = observation.state === 'in_meeting' ? roster.update(observation.participants) : []
        const { moves, ending } = look(judge, roster, observation)
        for (const one of moves) {
          move(one)
          if (one.event === 'joined_meeting' && !isRecording) await begin()
        }
        // Told after the state, so that nobody is in a room in which we are not.
        for (const change of changes) deps.emit({ type: 'participant', at: deps.clock.now(), ...change })
        if (ending) return ending
      }
      if (isRecording && wishes.say !== undefined && wishes.say !== saidLast) {
        saidLast = wishes.say
        say(wishes.say)
      }
      if (wishes.leave === undefined) await deps.pause(sitting.limits.pollMs)
    }
  }

  function look(
    judge: ReturnType<typeof createJudge>,
    roster: ReturnType<typeof createRoster>,
    observation: Observation,
  ) {
    const { hearing, soundAtMs, heard } = deps.room.listen(roster.countCompany())
    for (const nativeId of heard) roster.noteHeard(nativeId)
    if (isRecording && hearing !== toldHearing) {
      toldHearing = hearing
      deps.emit({ type: 'hearing', at: deps.clock.now(), hearing })
    }
    const nowMs = deps.clock.now().getTime()
    return judge({
      nowMs,
      observation,
      company: roster.countCompany(),
      hearing,
      soundAtMs,
      endsAtMs: wishes.endsAt.getTime(),
      staysUntilMs: wishes.stayUntil?.getTime() ?? 0,
    })
  }

  async function begin(): Promise<void> {
    isRecording = true
    deps.emit({ type: 'recording_started', at: await deps.room.startRecording() })
    if (sitting.chatLine !== '') say(sitting.chatLine)
  }

  function say(text: string): void {
    // Not waited for: a chat that hangs must not keep the bot from leaving.
    deps.room.say(text).then(
      (wasSaid) => wasSaid && deps.emit({ type: 'said', at: deps.clock.now(), text }),
      () => {},
    )
  }
}

/** Gets the page ready and waits for the time to join. */
async function waitAtDoor(
  deps: SitDeps,
  wishes: SittingWishes,
  { limits: { pollMs }, asksWhereItLeads = false }: Sitting,
  move: (one: BotHappening) => void,
): Promise<Ending | undefined> {
  let door = openDoor(deps.room, wishes.url)
  let toldOf: string | null = null
  for (;;) {
    if (wishes.leave !== undefined) return { event: 'leave_requested', end: wishes.leave, withdraw: false }
    if (door.isOpen && door.url !== wishes.url) door = openDoor(deps.room, wishes.url)
    if (asksWhereItLeads && door.isOpen && door.ledTo !== toldOf) {
      toldOf = door.ledTo
      if (toldOf !== null) deps.emit({ type: 'led_to', at: deps.clock.now(), url: toldOf })
    }
    const leftMs = wishes.joinAt.getTime() - deps.clock.now().getTime()
    // Whose room it is has to be known before: by another name it may be one in which another bot of ours sits.
    const isRight = !asksWhereItLeads || door.ledTo === null || door.ledTo === wishes.leadsTo
    if (leftMs <= 0 && door.isOpen && isRight) break
    if (door.isOpen && !isRight && deps.clock.now() >= wishes.endsAt)
      return { event: 'could_not_join_meeting', end: 'unable_to_connect_to_meeting', withdraw: false }
    const pause = deps.pause(Math.min(Math.max(leftMs, pollMs), MINUTE_MS))
    await (door.isOpen ? pause : Promise.race([door.opening, pause]))
  }
  move({ event: 'join_requested' })
  if (door.problem !== undefined) throw door.problem
  const { state } = await deps.room.observe()
  if (state !== 'not_found' && state !== 'login_required') await deps.room.requestJoin()
  return undefined
}

function openDoor(room: RoomPage, url: string) {
  const door = {
    ...{ url, isOpen: false, problem: undefined as unknown, opening: Promise.resolve() },
    ledTo: null as string | null,
  }
  door.opening = room
    .open(url)
    .then(async () => {
      door.ledTo = await room.roomAddress().catch(() => null)
    })
    .catch((error: unknown) => {
      door.problem = error
    })
    .then(() => {
      door.isOpen = true
    })
  return door
}

/** What a failure ends with: outside the room a page that cannot be opened or understood is a failed joining, everything else a failed bot. */
export function endingOfFailure(error: unknown, isIn: boolean): Ending {
  const end = endOfFailure(isAppError(error) ? error.code : undefined, 'internal_error')
  const isJoining = !isIn && (end === 'unable_to_connect_to_meeting' || end === 'ui_element_not_found')
  const event = isJoining ? 'could_not_join_meeting' : 'fatal_error'
  return { event, end, detail: { failure: truncateText(describeError(error), 300) }, withdraw: true }
}
