import type { ParticipantEvent, PretendBot, PretendUtterance } from './pretend-bot.ts'

/** A bot as the API shows it. */
export function viewBot(bot: PretendBot) {
  return {
    id: bot.id,
    metadata: bot.order.metadata,
    meeting_url: bot.order.meetingUrl,
    state: bot.state,
    events: bot.events.map(({ type, subType, createdAt }) => ({
      type,
      ...(subType === null ? {} : { sub_type: subType }),
      created_at: createdAt,
    })),
    transcription_state: bot.transcriptionState,
    recording_state: bot.recordingState,
    join_at: bot.order.joinAt?.toISOString() ?? null,
    deduplication_key: bot.order.deduplicationKey,
  }
}

export function viewTranscript(bot: PretendBot, updatedAfter: Date | null) {
  return bot.utterances
    .filter(({ text, updatedMs }) => text !== '' && (updatedAfter === null || updatedMs > updatedAfter.getTime()))
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(viewUtterance)
}

export function viewUtterance({ speakerName, speakerId, atMs, durationMs, text }: PretendUtterance) {
  return {
    speaker_name: speakerName,
    speaker_uuid: speakerId,
    speaker_user_uuid: null,
    speaker_is_host: false,
    timestamp_ms: atMs,
    duration_ms: durationMs,
    transcription: { transcript: text, words: [] },
  }
}

export function viewParticipants(bot: PretendBot) {
  return [...bot.participants.values()].map(({ id, name }) => ({
    id: `par_${id}`,
    name,
    uuid: id,
    user_uuid: null,
    is_host: false,
  }))
}

export function viewParticipantEvents(bot: PretendBot, after = '') {
  const afterMs = Date.parse(after) || 0
  return bot.participantEvents.filter(({ atMs }) => atMs > afterMs).map(viewParticipantEvent)
}

export function viewParticipantEvent({ id, participant, type, atMs }: ParticipantEvent) {
  return {
    id,
    participant_name: participant.name,
    participant_uuid: participant.id,
    participant_user_uuid: null,
    participant_is_host: false,
    event_type: type,
    event_data: {},
    timestamp_ms: atMs,
  }
}

export function viewChat(bot: PretendBot) {
  return bot.chat.map(({ name, text, atMs }, index) => ({
    id: `msg_${index}`,
    to: 'everyone',
    text,
    timestamp: Math.floor(atMs / 1_000),
    timestamp_ms: String(atMs),
    sender_name: name,
    sender_uuid: name,
    sender_user_uuid: null,
    additional_data: null,
  }))
}
