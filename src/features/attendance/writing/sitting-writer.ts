import { setImmediate as othersFirst } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import { newId } from '../../../base/ids.ts'
import { SECOND_MS } from '../../../base/time.ts'
import type { Timers } from '../../../base/timers.ts'
import { writeOggOpus } from '../../../formats/ogg/write-ogg-opus.ts'
import { ENCODER_DELAY_SAMPLES } from '../../../formats/opus/opus-packet.ts'
import { type Database, inTransaction, type Transaction } from '../../../platform/db/index.ts'
import { type Queue, sendJobs } from '../../../platform/jobs/index.ts'
import type { Logger } from '../../../platform/observe/index.ts'
import {
  type Bot,
  type BotHappening,
  closeParticipants,
  holdsFence,
  isFinal,
  moveBot,
  nextState,
  noteBotEvent,
  readBotState,
  rememberSpeaker,
  upsertParticipant,
} from '../../bots/index.ts'
import { appendAudioStep, dropVoiceSteps, endPart, startPart } from '../../recordings/index.ts'
import {
  announceTranscript,
  appendUtterance,
  beginTranscript,
  isUtteranceStored,
  type SileroModel,
  type SpokenPiece,
  storeWords,
  transcribeUtteranceJob,
  VoiceRecorder,
} from '../../transcripts/index.ts'
import type { AudioEvent, SittingEvent } from '../runners/runner.ts'
import type { Kept, KeptSound } from './kept-sound.ts'
import { type Step, StepBuffer } from './step-buffer.ts'
import { type LateStep, voiceOf } from './store-left-sound.ts'
import { writeAtLast } from './write-at-last.ts'

/** A write that takes longer waits for a database that is away. */
const STALLED_MS = 2 * SECOND_MS

export interface WriterDeps {
  db: Database
  queue: Queue
  clock: Clock
  timers: Timers
  log: Logger
  /** Keeps sound while the database is away; in memory where unset. */
  kept?: Pick<KeptSound, 'keep'>
  /** Tells voices from noise; by loudness alone where the model is missing. */
  voices: SileroModel | undefined
}

interface Voice {
  participantId: string
  steps: StepBuffer
  recorder: VoiceRecorder
}

/** The bot is another worker's, or over: nothing may be written for it any more, and whoever sits for it has to go. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost'
}

/**
 * Writes down what one bot tells of its sitting: states, people, sound and speech. Events are applied in order, one at a time; every write
 * happens under the bot's fence, and is repeated for as long as the database is away.
 */
export class SittingWriter {
  readonly #deps: WriterDeps
  #bot: Bot
  #queue: Promise<void> = Promise.resolve()
  #partStartedMs: number | undefined
  #soundSince: Date | undefined
  /** A part that began with words, until all of them are stored; and when the bot moved last, which at its end is when it left. */
  #wordsPart: { startedMs: number; zeroAt: Date } | undefined
  #movedAt: Date | undefined
  /** Since when what is being written is. */
  #busySinceMs = Number.POSITIVE_INFINITY
  #isDiscarded = false
  readonly #lateSteps: LateStep[] = []
  readonly #mix = new StepBuffer()
  readonly #voices = new Map<string, Voice>()
  readonly #participants = new Map<string, { id: string; isOwnBot: boolean }>()
  /** Whoever was heard is somebody, whatever they are called. */
  readonly #heard = new Set<string>()

  constructor(deps: WriterDeps, bot: Bot) {
    this.#deps = deps
    this.#bot = bot
  }

  get bot(): Bot {
    return this.#bot
  }

  /**
   * Applies an event after those before it; `person` is who a participant is, where recognised. What goes wrong is told by the promise, and the
   * next event is applied all the same.
   */
  apply(event: SittingEvent, person?: string): Promise<void> {
    if (event.type === 'recording_started') this.#soundSince = event.at
    const kept = event.type === 'audio' ? this.#keep(event) : undefined
    return kept ? this.after(() => this.#writeKept(kept)) : this.after(() => this.#writeInTurn(event, person))
  }

  /** Does something once all that was told so far is written, and before what is told later is. */
  after<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => {
      this.#busySinceMs = this.#deps.timers.monotonicMs()
      return work()
    })
    const rest = () => {
      this.#busySinceMs = Number.POSITIVE_INFINITY
    }
    this.#queue = done.then(rest, rest)
    return done
  }

  /** Nothing of what was told is to be written. */
  discard(): void {
    this.#isDiscarded = true
  }

  /** The bot's row was changed by its worker. */
  changed(set: Partial<Bot>): void {
    this.#bot = { ...this.#bot, ...set }
  }

  /** Writes what is still being gathered, and ends the part. */
  async finish(): Promise<void> {
    await this.#queue
    if (this.#isDiscarded) return
    try {
      await this.#finish()
    } catch (error) {
      if (!(error instanceof FenceLost)) throw error
      for (const { participantId, steps } of this.#voices.values()) this.#keepLate(participantId, steps.flush())
      this.#keepLate(null, this.#mix.flush())
      throw error
    }
  }

  /** Steps that came when the bot had another worker already: known once `finish` is over. */
  get lateSteps(): readonly LateStep[] {
    return this.#lateSteps
  }

  async #finish(): Promise<void> {
    await this.#fenced((trx) => closeParticipants(trx, this.#bot.id, this.#deps.clock.now()))
    await this.#endWordsPart()
    if (this.#partStartedMs === undefined) return
    for (const voice of this.#voices.values()) {
      await voice.recorder.end()
      await this.#storeSteps(voice.participantId, voice.steps.flush())
    }
    await this.#storeSteps(null, this.#mix.flush())
    await this.#fenced(async (trx) => {
      await endPart(trx, { botId: this.#bot.id })
      // All their speech is utterances now, which keep its sound.
      await dropVoiceSteps(trx, this.#bot.id)
    })
  }

  /** Its words were told, and whether more comes of it nobody knows yet. */
  async #endWordsPart(): Promise<void> {
    const part = this.#wordsPart
    if (!part) return
    const lastedMs = (this.#movedAt ?? this.#deps.clock.now()).getTime() - part.zeroAt.getTime()
    const endedMs = part.startedMs + Math.max(0, lastedMs)
    await this.#fenced((trx) => endPart(trx, { botId: this.#bot.id, endedMs }))
  }

  /**
   * Moves the bot's state. A move that the table refuses is noted and changes nothing; where the row is final or under another fence it
   * throws `FenceLost`.
   */
  async move(what: BotHappening): Promise<void> {
    const { event } = what
    // Who never asked for entry has nothing to leave.
    if (this.#bot.state === 'staged' && (event === 'leave_requested' || event === 'left_meeting')) return
    for (let attempt = 0; attempt < 2; attempt++) {
      const expected = nextState(this.#bot.state, event)
      const state = await this.#fenced((trx) => moveBot(trx, { ...what, bot: this.#bot, now: this.#deps.clock.now() }))
      if (state !== null) return this.changed({ state })
      const row = await readBotState(this.#deps.db, this.#bot.id)
      if (!row || isFinal(row.state)) throw new FenceLost(`The bot ${this.#bot.id} is over`)
      const wasDone = row.state === expected
      const isKnown = row.state === this.#bot.state
      this.changed({ state: row.state })
      // The move was made, and the database went away before it could say so.
      if (wasDone) return
      if (isKnown) break
    }
    this.#deps.log.warn('A move of a bot was refused', { botId: this.#bot.id, state: this.#bot.state, event })
  }

  /** Sound goes to the disk while what came before it cannot be written. */
  #keep(audio: AudioEvent): Kept | undefined {
    const { kept, timers } = this.#deps
    const { id: botId, meetingId } = this.#bot
    const isStalled = timers.monotonicMs() - this.#busySinceMs > STALLED_MS
    if (!kept || !isStalled || !this.#soundSince || this.#isDiscarded) return undefined
    return kept.keep({ botId, meetingId, startedAt: this.#soundSince, audio })
  }

  async #writeKept(kept: Kept): Promise<void> {
    try {
      const audio = await kept.read()
      if (audio) await this.#writeInTurn(audio)
    } finally {
      await kept.done()
    }
  }

  async #writeInTurn(event: SittingEvent, person?: string): Promise<void> {
    // Where thousands of bots are due at one instant, all of them go before the first is written about.
    await othersFirst()
    return this.#write(event, person)
  }

  async #write(event: SittingEvent, person: string | undefined): Promise<void> {
    if (this.#isDiscarded) return
    switch (event.type) {
      case 'moved':
        if (event.event !== 'leave_requested') this.#movedAt = event.at
        return this.move(event)
      case 'noted':
        return this.#fenced((trx) => noteBotEvent(trx, { bot: this.#bot, ...event, now: this.#deps.clock.now() }))
      case 'words': {
        const part = await storeWords({ ...this.#deps, fenced: (write) => this.#fenced(write) }, this.#bot, event)
        this.#wordsPart = part ?? this.#wordsPart
        for (const { nativeId } of event.utterances) this.#heard.add(nativeId)
        return
      }
      case 'participant':
        return this.#noteParticipant(event, person)
      case 'recording_started':
        return this.#begin(event.at)
      case 'audio':
        return event.of === 'mix' ? this.#hearMix(event) : this.#hearVoice(event)
      case 'hearing':
        this.#deps.log.info('What a bot hears has changed', { botId: this.#bot.id, hearing: event.hearing })
        return
      default:
        return
    }
  }

  async #begin(startedAt: Date): Promise<void> {
    const { id: botId, meetingId } = this.#bot
    const now = this.#deps.clock.now()
    const part = await this.#fenced(async (trx) => {
      const begun = await startPart(trx, { meetingId, botId, startedAt, now })
      await beginTranscript(trx, meetingId, now)
      return begun
    })
    this.#partStartedMs = part.startedMs
  }

  async #noteParticipant(
    event: Extract<SittingEvent, { type: 'participant' }>,
    person: string | undefined,
  ): Promise<void> {
    const { nativeId, name, email, hasBotName } = event.participant
    const isOwnBot = hasBotName && !this.#heard.has(nativeId)
    const seen = { nativeId, name, email, person, isOwnBot, at: event.at, hasLeft: event.change === 'left' }
    const { id: botId, meetingId } = this.#bot
    const id = await this.#fenced(async (trx) => {
      const stored = await upsertParticipant(trx, { id: newId(), meetingId, botId, ...seen })
      await announceTranscript(trx, meetingId)
      return stored
    })
    this.#participants.set(nativeId, { id, isOwnBot })
  }

  async #speakerOf(nativeId: string): Promise<string> {
    this.#heard.add(nativeId)
    const known = this.#participants.get(nativeId)
    if (known && !known.isOwnBot) return known.id
    const { id: botId, meetingId } = this.#bot
    const heard = { id: newId(), meetingId, botId, nativeId, name: null, at: this.#deps.clock.now() }
    const id = await this.#fenced(async (trx) => {
      const stored = await rememberSpeaker(trx, heard)
      await announceTranscript(trx, meetingId)
      return stored
    })
    this.#participants.set(nativeId, { id, isOwnBot: false })
    return id
  }

  async #hearMix(audio: AudioEvent): Promise<void> {
    await this.#storeSteps(null, this.#mix.push(audio.startedMs, audio.packets))
    // The mix has no gaps, so it says for every voice up to when nothing more is coming.
    for (const { recorder } of this.#voices.values()) await recorder.advance(audio.startedMs)
  }

  async #hearVoice(audio: AudioEvent): Promise<void> {
    // Somebody the platform has not named yet is a person all the same, without a name.
    const voice = await this.#voiceOf(voiceOf(audio) ?? '')
    await this.#storeSteps(voice.participantId, voice.steps.push(audio.startedMs, audio.packets))
    await voice.recorder.push(audio)
  }

  async #voiceOf(nativeId: string): Promise<Voice> {
    const known = this.#voices.get(nativeId)
    if (known) return known
    const participantId = await this.#speakerOf(nativeId)
    const detector = this.#deps.voices?.createDetector()
    const recorder = new VoiceRecorder({
      ...(detector === undefined ? {} : { detector }),
      onSpeech: (piece) => this.#storeSpeech(participantId, piece),
    })
    const voice = { participantId, steps: new StepBuffer(), recorder }
    this.#voices.set(nativeId, voice)
    return voice
  }

  async #storeSpeech(participantId: string, piece: SpokenPiece): Promise<void> {
    const { meetingId } = this.#bot
    const id = newId()
    const opus = Buffer.from(writeOggOpus(piece.packets))
    const startedMs = Math.round((this.#partStartedMs ?? 0) + piece.startMs)
    await this.#fenced(async (trx, isRepeated) => {
      if (isRepeated && (await isUtteranceStored(trx, id))) return
      const durationMs = Math.round(piece.durationMs)
      await appendUtterance(trx, { id, meetingId, participantId, startedMs, durationMs, opus }, this.#deps.clock.now())
      await sendJobs(this.#deps.queue, trx, [{ job: transcribeUtteranceJob, payload: { utteranceId: id } }])
    })
  }

  async #storeSteps(participantId: string | null, steps: readonly Step[]): Promise<void> {
    const { id: botId, meetingId } = this.#bot
    for (const [i, { startedMs, packets, isFirst }] of steps.entries()) {
      const from = (this.#partStartedMs ?? 0) + startedMs
      const preSkip = isFirst ? ENCODER_DELAY_SAMPLES : 0
      await this.#fenced((trx) =>
        appendAudioStep(trx, { meetingId, botId, participantId, startedMs: from, packets, preSkip }),
      ).catch((error) => {
        if (error instanceof FenceLost) this.#keepLate(participantId, steps.slice(i))
        throw error
      })
    }
  }

  #keepLate(participantId: string | null, steps: readonly Step[]): void {
    if (this.#partStartedMs === undefined) return
    for (const { startedMs, packets } of steps)
      this.#lateSteps.push({ participantId, startedMs: this.#partStartedMs + startedMs, packets })
  }

  #fenced<T>(write: (trx: Transaction, isRepeated: boolean) => Promise<T>): Promise<T> {
    return writeAtLast(this.#deps, (isRepeated) =>
      inTransaction(this.#deps.db, async (trx) => {
        if (!(await holdsFence(trx, this.#bot))) throw new FenceLost(`The bot ${this.#bot.id} has another worker`)
        return write(trx, isRepeated)
      }),
    )
  }
}
