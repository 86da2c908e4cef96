import { randomInt, randomUUID } from 'node:crypto'
import type { Clock } from '../../src/base/clock.ts'
import { newBotId } from '../../src/base/ids.ts'
import type { Participant } from '../room/messages.ts'
import { enterRoom, type RoomPlace } from './enter-room.ts'
import { canLeave, canSpeak, isTerminal, type ServerEventType, type ServerState, stateAfterEvent } from './states.ts'

function canEnter(state: ServerState): boolean {
  return state === 'joining' || state === 'waiting_room'
}

const PAUSED: ReadonlySet<ServerState> = new Set(['joined_recording_paused', 'joined_recording_permission_denied'])

/** How long the stages of a bot's life take, in milliseconds. */
export interface Pace {
  /** The scheduler stages bots that join within this time, and none that should have joined so long ago. */
  stagedLeadMs: number
  /** How often the scheduler looks. */
  tickMs: number
  /** From being asked for to knocking. */
  launchMs: number
  /** From being asked to leave to being out. */
  leavingMs: number
  processingMs: number
  /** With nobody else in the room, once somebody was. */
  aloneMs: number
  /** What a second of waiting in a lobby or for a host takes. */
  waitingSecondMs: number
}

/** What a bot was ordered to be. */
export interface BotOrder {
  meetingUrl: string
  botName: string
  joinAt: Date | null
  deduplicationKey: string | null
  metadata: Record<string, unknown>
  chatMessage: string | null
  recordingFormat: 'mp4' | 'mp3' | 'none'
  /** Settings of whole areas (words, recording, platforms, image), as they came. */
  settings: Readonly<Record<string, unknown>>
  /** As they came. Those of the lobby and of the host are kept to; for the rest the pace decides. */
  leaveSettings: Readonly<Record<string, number | undefined>>
  /** Whoever has one of these words in their name is a bot and no company. */
  botKeywords: readonly string[]
  webhooks: readonly { url: string; triggers: readonly string[] }[]
}

export interface BotEvent {
  type: ServerEventType
  subType: string | null
  createdAt: string
  /** Goes into notices; the API does not show it. */
  metadata: Record<string, unknown>
}

export interface ParticipantEvent {
  id: string
  participant: Participant
  type: 'join' | 'leave'
  atMs: number
}

export interface PretendUtterance {
  speakerName: string
  speakerId: string
  atMs: number
  durationMs: number
  /** Empty while it is not text yet: then nobody is shown it. */
  text: string
  /** When it was last written. */
  updatedMs: number
}

/** One bot of the stand-in. What is public here tests may read; orders go through the methods. */
export class PretendBot {
  readonly id = newBotId()
  order: BotOrder
  state: ServerState
  readonly events: BotEvent[] = []
  readonly participants = new Map<string, Participant>()
  readonly participantEvents: ParticipantEvent[] = []
  readonly chat: { name: string; text: string; atMs: number }[] = []
  utterances: PretendUtterance[] = []
  recordedFrom: Date | null = null
  recordedUntil: Date | null = null
  /** Ordered by a test: speech could not be turned into text, nothing was recorded, or nobody knows from when on. */
  transcriptionFails = false
  recordingFails = false
  hidesStart = false
  /** A file can be fetched, whatever the states say. */
  hasFile = false
  readonly #deps: BotDeps
  #place: RoomPlace | undefined
  #next: { atMs: number; act: () => void } | undefined
  #waitsUntil: { atMs: number; subType: string } | undefined
  #aloneAtMs: number | undefined
  #writtenMs = 0
  #wasHeard = false
  readonly #present = new Set<string>()

  constructor(deps: BotDeps, order: BotOrder) {
    this.#deps = deps
    this.order = order
    this.state = order.joinAt === null ? 'ready' : 'scheduled'
    if (order.joinAt === null) this.#join()
  }

  /** Where nobody says anything it never starts. */
  get transcriptionState(): string {
    if (!this.#wasHeard && !this.transcriptionFails) return 'not_started'
    if (!isTerminal(this.state)) return 'in_progress'
    return this.transcriptionFails ? 'failed' : 'complete'
  }

  get recordingState(): string {
    if (this.recordedFrom === null) return 'not_started'
    if (!isTerminal(this.state)) return PAUSED.has(this.state) ? 'paused' : 'in_progress'
    return this.recordingFails || this.state === 'fatal_error' ? 'failed' : 'complete'
  }

  /** Does what is due; called again and again. */
  pulse(nowMs: number): void {
    if (this.#aloneAtMs !== undefined && this.#aloneAtMs <= nowMs) {
      this.#aloneAtMs = undefined
      this.requestLeave('auto_leave_only_participant_in_meeting')
    }
    const waits = this.#waitsUntil
    if (waits && waits.atMs <= nowMs) {
      this.#waitsUntil = undefined
      this.move('could_not_join_meeting', waits.subType)
    }
    const due = this.#next
    if (!due || due.atMs > nowMs || (this.state === 'post_processing' && this.#deps.isHeldUp())) return
    this.#next = undefined
    due.act()
  }

  /** The scheduler looks: a bot that is soon to join is staged, and joins at its time. */
  schedule(nowMs: number): void {
    const joinAtMs = this.order.joinAt?.getTime() ?? 0
    if (this.state !== 'scheduled' || Math.abs(joinAtMs - nowMs) > this.#deps.pace.stagedLeadMs) return
    this.move('staged')
    this.#schedule(joinAtMs, () => this.#join())
  }

  /** It breaks down, as a test orders; what it recorded is stored a while later. */
  crash(subType = 'process_terminated'): void {
    const hadSound = this.recordedFrom !== null
    this.move('fatal_error', subType)
    if (hadSound) this.#in(this.#deps.pace.processingMs, () => this.#store())
  }

  /** Asked through the API to write into the chat; false where it cannot. */
  say(text: string): boolean {
    if (!canSpeak(this.state) || !this.#place) return false
    this.#place.say(text)
    return true
  }

  /** Somebody said something, or what was said became other text: the same speaker and time name it. */
  hear(said: Omit<PretendUtterance, 'updatedMs'>): void {
    this.#wasHeard = true
    // Never the same twice, so that their order shows.
    this.#writtenMs = Math.max(this.#nowMs(), this.#writtenMs + 1)
    const written = { ...said, updatedMs: this.#writtenMs }
    const known = this.utterances.find(({ speakerId, atMs }) => speakerId === said.speakerId && atMs === said.atMs)
    if (known) Object.assign(known, written)
    else this.utterances.push(written)
    if (said.text !== '') this.#deps.said(this, written)
  }

  /** Asked through the API to forget what it brought; its states stay as they were. False while it is not over. */
  deleteData(): boolean {
    if (!isTerminal(this.state)) return false
    this.utterances = []
    this.participants.clear()
    this.participantEvents.length = 0
    this.chat.length = 0
    this.hasFile = false
    this.move('data_deleted')
    return true
  }

  /** Asked through the API to leave; false where it cannot be. */
  requestLeave(subType = 'user_requested'): boolean {
    if (!canLeave(this.state)) return false
    this.#leave(subType)
    return true
  }

  /** Something happens to it, as a test orders. */
  move(type: ServerEventType, subType: string | null = null, metadata: Record<string, unknown> = {}): void {
    const oldState = this.state
    this.state = stateAfterEvent(type)
    const event = { type, subType, createdAt: this.#deps.stamp(), metadata }
    this.events.push(event)
    if (isTerminal(this.state)) this.stop()
    if (type === 'recording_permission_granted') this.recordedFrom ??= this.#deps.clock.now()
    if (this.state === 'post_processing') this.#process()
    this.#deps.moved(this, event, oldState)
  }

  /** Is gone from its room at once, whatever the state. */
  stop(): void {
    this.#place?.leave()
    this.#place = undefined
    this.#next = undefined
    this.#waitsUntil = undefined
    this.#aloneAtMs = undefined
    if (this.recordedFrom) this.recordedUntil ??= this.#deps.clock.now()
  }

  #join(): void {
    this.move('join_requested')
    this.#in(this.#deps.pace.launchMs, () => this.#knock())
  }

  #knock(): void {
    const url = this.#deps.roomUrlOf(this.order.meetingUrl)
    const miss = () => this.move('could_not_join_meeting', 'meeting_not_found')
    if (url === undefined) {
      miss()
      return
    }
    if (this.#deps.isHostMissing(this.order.meetingUrl)) {
      this.#wait('wait_for_host_to_start_meeting_timeout_seconds', 600, 'meeting_not_started_waiting_for_host')
      this.#in(HOST_LOOK_MS, () => this.#knock())
      return
    }
    this.#waitsUntil = undefined
    this.#place = enterRoom({
      url,
      name: this.order.botName,
      ears: {
        // Who was asked to leave meanwhile does not come in any more.
        lobby: () => this.state === 'joining' && this.#waitInLobby(),
        welcome: (_self, others) => canEnter(this.state) && this.#enter(others),
        joined: (participant) => this.#meet(participant),
        renamed: (participant) => void this.participants.set(participant.id, participant),
        left: (id) => this.#miss(id),
        chat: (name, text) => void this.chat.push({ name, text, atMs: this.#nowMs() }),
        gone: (reason) => this.#lose(reason),
        missing: miss,
      },
    })
  }

  /** Only Zoom's own software says that it waits; in browsers the bot is joining until it is in. */
  #waitInLobby(): void {
    this.#wait('waiting_room_timeout_seconds', 900, 'waiting_room_timeout_exceeded')
    if (this.#deps.tellsLobby) this.move('put_in_waiting_room')
    else this.#deps.changed()
  }

  #wait(setting: string, usualSeconds: number, subType: string): void {
    const seconds = this.order.leaveSettings[setting] ?? usualSeconds
    const atMs = this.#nowMs() + seconds * this.#deps.pace.waitingSecondMs
    if (this.#waitsUntil?.subType !== subType) this.#waitsUntil = { atMs, subType }
  }

  #enter(others: readonly Participant[]): void {
    this.#waitsUntil = undefined
    this.move('joined_meeting')
    for (const other of others) this.#meet(other)
    this.move('recording_permission_granted')
    if (this.order.chatMessage !== null) this.#place?.say(this.order.chatMessage)
  }

  #meet(participant: Participant): void {
    this.participants.set(participant.id, participant)
    if (!this.#isBot(participant.name)) {
      this.#present.add(participant.id)
      this.#aloneAtMs = undefined
    }
    this.#noteComing(participant, 'join')
  }

  #miss(id: string): void {
    const participant = this.participants.get(id)
    if (participant) this.#noteComing(participant, 'leave')
    if (this.#present.delete(id) && this.#present.size === 0) this.#aloneAtMs = this.#nowMs() + this.#deps.pace.aloneMs
  }

  /** The server compares whole words, without regard to case. */
  #isBot(name: string): boolean {
    const words = name.toLowerCase().split(/[\s_-]+/)
    return this.order.botKeywords.some((keyword) => words.includes(keyword.toLowerCase()))
  }

  #noteComing(participant: Participant, type: 'join' | 'leave'): void {
    const event = { id: `pe_${randomUUID()}`, participant, type, atMs: this.#nowMs() }
    this.participantEvents.push(event)
    this.#deps.came(this, event)
    this.#deps.changed()
  }

  #lose(reason: 'denied' | 'lobby_timed_out' | 'removed' | 'ended' | 'connection_lost'): void {
    this.#place = undefined
    if (reason === 'denied') this.move('could_not_join_meeting', 'request_to_join_denied')
    else if (reason === 'lobby_timed_out') this.move('could_not_join_meeting', 'waiting_room_timeout_exceeded')
    else if (reason === 'connection_lost') this.move('fatal_error', 'attendee_internal_error')
    else if (reason === 'removed' && this.recordedFrom !== null) this.move('meeting_ended', null, removedBy('Host'))
    else if (reason === 'removed') this.move('could_not_join_meeting', 'request_to_join_denied', removedBy('Host'))
    else if (this.recordedFrom === null) this.move('could_not_join_meeting', 'unable_to_connect_to_meeting')
    else this.move('meeting_ended')
  }

  #leave(subType: string): void {
    this.#waitsUntil = undefined
    this.move('leave_requested', subType)
    this.#in(this.#deps.pace.leavingMs, () => {
      this.#place?.leave()
      this.#place = undefined
      this.move('left_meeting')
    })
  }

  #process(): void {
    this.#place?.leave()
    this.#place = undefined
    if (this.recordedFrom) this.recordedUntil ??= this.#deps.clock.now()
    this.#in(this.#deps.pace.processingMs, () => {
      this.#store()
      this.move('post_processing_completed')
    })
  }

  #store(): void {
    this.hasFile = this.recordedFrom !== null && !this.recordingFails && this.order.recordingFormat !== 'none'
    this.#deps.changed()
  }

  #in(ms: number, act: () => void): void {
    this.#schedule(this.#nowMs() + ms, act)
  }

  #schedule(atMs: number, act: () => void): void {
    this.#next = { atMs, act }
  }

  #nowMs(): number {
    return this.#deps.clock.now().getTime()
  }
}

export interface BotDeps {
  clock: Clock
  pace: Pace
  /** The address of the room that a meeting link leads to; undefined where it leads to none. */
  roomUrlOf(meetingUrl: string): string | undefined
  /** Whether bots are told of a lobby, as Zoom's own software is. */
  tellsLobby: boolean
  /** Whether the meeting behind a link has not begun for want of its host. */
  isHostMissing(meetingUrl: string): boolean
  /** Whether nothing is finished after meetings for now. */
  isHeldUp(): boolean
  /** Now, as the server writes it; never the same twice. */
  stamp(): string
  /** Told of everything but moves. */
  changed(): void
  /** Told of what became text, and of who came or left. */
  said(bot: PretendBot, utterance: PretendUtterance): void
  came(bot: PretendBot, event: ParticipantEvent): void
  /** Told of every move. */
  moved(bot: PretendBot, event: BotEvent, oldState: ServerState): void
}

/** How often a bot tries the door of a meeting whose host is missing. */
const HOST_LOOK_MS = 20

/** What a notice says of whoever removed a bot. */
function removedBy(name: string): Record<string, unknown> {
  return { remover_name: name, remover_uuid: randomUUID(), remover_user_uuid: null, remover_is_host: true }
}

/** Instants as Django writes them: microseconds, which rise with every call. */
export function createStamps(clock: Clock): () => string {
  let lastMicros = 0
  return () => {
    lastMicros = Math.max(clock.now().getTime() * 1_000 + randomInt(900), lastMicros + 1)
    const fraction = String(lastMicros % 1_000).padStart(3, '0')
    return new Date(Math.floor(lastMicros / 1_000)).toISOString().replace('Z', `${fraction}Z`)
  }
}
