export {
  type BotHostPool,
  type BotHostPoolOptions,
  createBotHostPool,
} from './browser/bot-host-pool.ts'

/** The life of a bot host's process. Loaded when it is called: nobody else needs the browser's library. */
export async function runBotHost(channel: import('./browser/host/run-bot-host.ts').WorkerChannel): Promise<void> {
  const { runBotHost: run } = await import('./browser/host/run-bot-host.ts')
  await run(channel)
}
