import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type App, buildApp } from '../../app.ts'
import { AppError } from '../../base/errors.ts'
import { Resources } from '../../base/resources.ts'
import { type LoadedConfig, loadConfig } from '../../platform/config/index.ts'
import { openEmbeddedDatabase } from '../../platform/db/embedded/index.ts'
import { createLogger } from '../../platform/observe/index.ts'
import type { Output } from './command.ts'

/** Loads the settings and says what is odd about them. */
export function loadSettings(output: Output): LoadedConfig {
  const loaded = loadConfig()
  for (const warning of loaded.warnings) output.note(`Warning: ${warning}`)
  return loaded
}

interface OpenForCommandOptions {
  commandName: string
  output: Output
  /** Works on the sandbox's database instead. */
  sandbox?: boolean
  /** The settings, where they were loaded and their warnings said. */
  loaded?: LoadedConfig
}

/** The address of the installation's database, open for the length of one command. */
export interface DatabaseForCommand extends AsyncDisposable {
  url: string
  loaded: LoadedConfig
  /** Whether the schema is ours to bring up to date: an embedded database that nothing else runs on. */
  mayMigrate: boolean
}

/** Attaches to the running database, or starts the embedded one for as long as the command takes. */
export async function openDatabaseForCommand(options: OpenForCommandOptions): Promise<DatabaseForCommand> {
  const loaded = options.loaded ?? loadSettings(options.output)
  const { config, secrets } = loaded
  if (secrets.databaseUrl !== undefined) {
    return { url: secrets.databaseUrl, loaded, mayMigrate: false, [Symbol.asyncDispose]: async () => {} }
  }
  const server = await openEmbeddedDatabase({
    dataDir: options.sandbox ? sandboxDir(config.dataDir) : config.dataDir,
    purpose: 'command',
    commandName: `rapporteur ${options.commandName}`,
    log: options.output.note,
  })
  return { url: server.url, loaded, mayMigrate: server.role === 'owner', [Symbol.asyncDispose]: () => server.stop() }
}

/** The product's parts, for the length of one command. */
export async function openAppForCommand(options: OpenForCommandOptions): Promise<App> {
  await using resources = new Resources()
  const database = resources.use(await openDatabaseForCommand(options))
  const { config, secrets } = database.loaded
  const app = resources.use(
    await buildApp({
      config,
      secrets,
      databaseUrl: database.url,
      migrate: database.mayMigrate,
      runsJobs: false,
      ...(options.sandbox ? sandboxOptions(config.dataDir) : {}),
      log: createLogger({ level: 'error', destination: { write: (line) => void process.stderr.write(line) } }),
    }),
  )
  const owned = resources.move()
  return { ...app, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() }
}

/** What commands have to know of the sandbox that runs: where its rooms are, and that its bots can join them. */
function sandboxOptions(dataDir: string) {
  const file = path.join(sandboxDir(dataDir), ORIGIN_FILE)
  if (!existsSync(file))
    throw new AppError('sandbox_not_running', 'No sandbox was started in this folder. `npm start` starts one.')
  const origin = readFileSync(file, 'utf8')
  return {
    sandbox: { origin, dataDir: sandboxDir(dataDir) },
    runnerOf: (platform: string) => (platform === 'sandbox' ? ('browser' as const) : undefined),
  }
}

/** Notes where the sandbox's rooms are, for commands. */
export function keepSandboxOrigin(dataDir: string, origin: string): void {
  writeFileSync(path.join(sandboxDir(dataDir), ORIGIN_FILE), origin)
}

const ORIGIN_FILE = 'origin'

/** Where the sandbox keeps its own database and secrets. */
export function sandboxDir(dataDir: string): string {
  return path.join(dataDir, 'sandbox')
}

/** The database of `web` and `worker`, which never start one: several of them share it. */
export function requireDatabaseUrl({ secrets }: LoadedConfig, commandName: string): string {
  if (secrets.databaseUrl !== undefined) return secrets.databaseUrl
  throw new AppError(
    'database_url_missing',
    `\`rapporteur ${commandName}\` needs DATABASE_URL: only \`rapporteur start\` brings its own database. Set it to a PostgreSQL of version 15 or later.`,
  )
}
