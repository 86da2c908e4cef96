export { applyChangedFile, applyRules } from './apply-rules.ts'
export { askForBot, followPlan, refuseBot, wantBot } from './ask-for-bot.ts'
export { readAttendance, readAttendanceMode } from './attendance-store.ts'
export { listMeetingsOfCalendar, type MeetingOfEvent } from './calendar-meetings-store.ts'
export {
  countCopies,
  listComingLinks,
  listMeetings,
  listRivals,
  type NamedMeeting,
  readMeeting,
  readNextMeeting,
} from './day-store.ts'
export type { AttendanceMode } from './decide-attendance.ts'
export { decisionTrail, type TrailStep } from './decision-trail.ts'
export { type DryRun, dryRunRules } from './dry-run-rules.ts'
export { type Explanation, explainDecision, explanationOf } from './explain-decision.ts'
export { sweepMeetingsJob } from './jobs.ts'
export { latestJoinOf } from './late-join.ts'
export { type Meeting, type Origin, type Reason, reasons } from './meeting.ts'
export { countComingMeetings } from './meeting-store.ts'
export { listCopies, listDecisions, type MeetingCopy, type PastDecision } from './meeting-trail-store.ts'
export { isPlatform, type Platform, platformLabel, platforms } from './platform.ts'
export { readEvent, readLinkTexts } from './read-event.ts'
export { type BotChanges, type ReconcileDeps, reconcileChanges } from './reconcile-meetings.ts'
export type { RoomBots } from './room-bots.ts'
export { type RuleContext, readRules } from './rules/read-rules.ts'
export { listRuleVersions, readCurrentRules, readOptOutWords } from './rules/rule-store.ts'
export { createRulesInForce } from './rules/rules-in-force.ts'
export { sweepMeetings, switchAttendance } from './sweep-meetings.ts'
export { listWishes, type MeetingWish } from './wish-store.ts'
export { chooseHolder, type Holder, type HolderState, type Present } from './words/choose-holder.ts'
export { readUnusualInviter, type StoredRoom } from './words/held-store.ts'
export { noteBroughtAtLast, type WhoIsWho } from './words/note-brought-at-last.ts'
export { noteHeld, noteRoomBrought } from './words/note-held.ts'
export { noteWhereLinkLed } from './words/note-room-alias.ts'
export { readInvited } from './words/read-invited.ts'
export type { RoomMeeting } from './words/room-meeting.ts'
export { type KnownPerson, type RoomFacts, readRoomPicture } from './words/room-picture-store.ts'
export { closeRoom, readRoom, sayWasHeld, sayWhoBrought } from './words/say-of-room.ts'
