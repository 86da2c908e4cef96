// A worker with one bot in a room, to be killed by a test.
import { botHostScript } from '../../src/entrypoints/bot-process/bot-host-script.ts'
import { createBotHostPool } from '../../src/features/attendance/runners/browser/bot-host-pool.ts'
import { defaultLimits } from '../../src/features/bots/index.ts'

const pool = createBotHostPool({
  script: botHostScript,
  botsPerHost: 1,
  browser: JSON.parse(process.env.BROWSER ?? '{}'),
})
const sitting = {
  botId: 'bot_1',
  fence: 1,
  resumesFrom: null,
  platform: 'sandbox' as const,
  url: process.env.URL_TO_SIT_AT ?? '',
  botName: 'Meeting Assistant',
  otherBotNames: [],
  chatLine: '',
  joinAt: new Date(),
  endsAt: new Date(Date.now() + 3_600_000),
  limits: defaultLimits,
}
await pool.sit(sitting, (event) => {
  if (event.type !== 'recording_started') return
  void pool.hosts().then(([host]) => process.send?.(host?.pid))
})
