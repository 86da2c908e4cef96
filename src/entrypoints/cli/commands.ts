import { attendanceCommand } from './attendance.ts'
import { auditCommand } from './audit.ts'
import { backupCommand, restoreCommand } from './backup.ts'
import { sendBotCommand, stopBotCommand } from './bots.ts'
import { calendarCommand } from './calendar.ts'
import type { Command } from './command.ts'
import { createTranscriptTokenCommand } from './create-transcript-token.ts'
import { doctorCommand } from './doctor.ts'
import { ensureBotsExistCommand } from './ensure-bots-exist.ts'
import { fetchModelCommand } from './fetch-model.ts'
import { generateKeyCommand } from './generate-key.ts'
import { giveAccessCommand } from './give-access.ts'
import { manageWatchChannelsCommand } from './manage-watch-channels.ts'
import { migrateCommand } from './migrate.ts'
import { replaceFingerprintCommand } from './replace-fingerprint.ts'
import { revokeLinksCommand } from './revoke-links.ts'
import { heldCommand, roomCommand } from './room.ts'
import { rulesCommand } from './rules.ts'
import { setupPilotCalendarsCommand } from './setup-pilot-calendars.ts'
import { signInLinkCommand } from './sign-in-link.ts'
import { startCommand } from './start.ts'
import { syncCalendarCommand } from './sync-calendar.ts'
import { webCommand } from './web.ts'
import { workerCommand } from './worker.ts'

/** Every command, in the order in which a newcomer needs them. */
export const commands: readonly Command[] = [
  startCommand,
  calendarCommand,
  setupPilotCalendarsCommand,
  syncCalendarCommand,
  manageWatchChannelsCommand,
  attendanceCommand,
  rulesCommand,
  ensureBotsExistCommand,
  sendBotCommand,
  stopBotCommand,
  roomCommand,
  heldCommand,
  signInLinkCommand,
  createTranscriptTokenCommand,
  revokeLinksCommand,
  giveAccessCommand,
  auditCommand,
  doctorCommand,
  backupCommand,
  restoreCommand,
  migrateCommand,
  webCommand,
  workerCommand,
  fetchModelCommand,
  generateKeyCommand,
  replaceFingerprintCommand,
]
