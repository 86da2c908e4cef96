import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { environmentForNpm } from '#fetch-model'
import { loadConfig } from './config.ts'
import { type Variable, variables } from './variables.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'rapporteur-config-'))
const load = (environment: Record<string, string>) => loadConfig(environment, folder)
const refusal = (environment: Record<string, string>) => {
  try {
    load(environment)
    return 'nothing was refused'
  } catch (error) {
    return (error as Error).message
  }
}

test('nothing set is enough: loopback, port 8000, the embedded database, no provider', () => {
  const { config, warnings } = load({})
  expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8000, siteUrl: undefined })
  expect(config).toMatchObject({
    database: { kind: 'embedded' },
    hasProvider: false,
    dataDir: path.join(folder, 'data'),
  })
  expect(warnings).toEqual([])
})

test('everything that is wrong is said at once, with the name, what is wrong and what was given', () => {
  const said = refusal({ PORT: 'eighty', TIME_ZONE: 'Mars/Olympus', SITE_URL: 'example', ADMIN_EMAILS: 'ana' })
  for (const name of ['PORT', 'TIME_ZONE', 'SITE_URL', 'ADMIN_EMAILS']) expect(said).toContain(name)
  expect(said).toContain('Mars/Olympus')
})

test('a secret that is wrong is named but never shown', () => {
  expect(refusal({ DATABASE_URL: 'mysql://root:hunter2@db' })).toMatch(/DATABASE_URL(?!.*hunter2)/)
})

test('contradictions are refused', () => {
  expect(refusal({ SITE_URL: 'https://example.com/path' })).toContain('SITE_URL must be an origin')
  expect(refusal({ GOOGLE_CLIENT_ID: 'x' })).toContain('GOOGLE_CLIENT_SECRET')
  expect(refusal({ ATTENDEE_STORAGE_HOSTS: 'storage.example.com' })).toContain('no ATTENDEE_API_URL')
  expect(refusal({ METRICS_TOKEN: 'x', METRICS_TOKEN_FILE: '/x' })).toContain('keep one')
  expect(refusal({ METRICS_PORT: '8000' })).toContain('METRICS_PORT and PORT are both 8000')
  expect(refusal({ BOTS_PER_WORKER: '30' })).toContain('all workers together may have 20 bots')
  const limits = refusal({ STAY_MAX: '12', SILENCE_MAX: '12', ALONE_MAX: '11' })
  expect(limits).toContain('LOBBY_MAX is 15 minutes, but after STAY_MAX (12 minutes) every bot leaves')
  expect(limits).toContain('SILENCE_MAX is 12 minutes')
  expect(limits).not.toContain('ALONE_MAX')
  expect(refusal({ LATE_JOIN_MIN: '300' })).toContain('LATE_JOIN_MIN is 300 minutes')
  expect(refusal({ STAY_MAX: '1440' })).toContain('STAY_MAX')
})

test('hosts of recordings are written as hosts, with a port or without', () => {
  const attendee = { ATTENDEE_API_URL: 'https://attendee.example.com', ATTENDEE_API_KEY: 'x' }
  const hosts = ['storage.example.com:9000', '10.0.0.5', '[fd00::5]:9000']
  const { secrets } = load({ ...attendee, ATTENDEE_STORAGE_HOSTS: hosts.join(', ') })
  expect(secrets.attendee?.storageHosts).toEqual(hosts)
  for (const wrong of ['https://storage.example.com', 'storage.example.com/bucket', '*.example.com', 'a:99999'])
    expect(refusal({ ...attendee, ATTENDEE_STORAGE_HOSTS: wrong }), wrong).toContain('ATTENDEE_STORAGE_HOSTS')
})

test('a worker may have all the bots there may be, unless it is told that its machine bears fewer', () => {
  expect(load({}).config.bots).toMatchObject({ max: 20, perWorker: 20 })
  expect(load({ BOTS_MAX: '100' }).config.bots).toMatchObject({ max: 100, perWorker: 100 })
  expect(load({ BOTS_MAX: '100', BOTS_PER_WORKER: '25' }).config.bots).toMatchObject({ max: 100, perWorker: 25 })
})

test('how long bots bear what is as the specification has it, or as it is set', () => {
  const defaults = {
    lobbyMs: 900_000,
    hostMs: 600_000,
    aloneMs: 60_000,
    silenceMs: 600_000,
    stayMs: 14_400_000,
    lateJoinMs: 120_000,
  }
  expect(load({}).config.bots.limits).toEqual(defaults)
  const set = {
    LOBBY_MAX: '5',
    HOST_WAIT_MAX: '4',
    ALONE_MAX: '0.5',
    SILENCE_MAX: '30',
    STAY_MAX: '600',
    LATE_JOIN_MIN: '0',
  }
  const limits = {
    lobbyMs: 300_000,
    hostMs: 240_000,
    aloneMs: 30_000,
    silenceMs: 1_800_000,
    stayMs: 36_000_000,
    lateJoinMs: 0,
  }
  expect(load(set).config.bots.limits).toEqual(limits)
})

test('no secret of ours is told to npm, and its own settings are', () => {
  const secrets = Object.entries<Variable>(variables).flatMap(([name, { secret }]) => (secret ? [name] : []))
  const ours = Object.fromEntries(
    secrets.flatMap((name) => [
      [name, 'planted'],
      [`${name}_FILE`, '/planted'],
    ]),
  )
  const theirs = { PATH: '/bin', NPM_TOKEN: 'of a registry', npm_config_registry: 'https://registry.example.com' }
  expect(environmentForNpm({ ...ours, ...theirs, npm_config_dry_run: 'true' })).toEqual(theirs)
})

test('a secret may come from a file, without the line break at its end', () => {
  const file = path.join(folder, 'token')
  writeFileSync(file, 'abc\n')
  expect(load({ METRICS_TOKEN_FILE: file }).secrets.metricsToken).toBe('abc')
  expect(refusal({ METRICS_TOKEN_FILE: '/nowhere' })).toContain('METRICS_TOKEN_FILE names a file that cannot be read')
})

test('the environment wins over .env, and an empty variable counts as unset', () => {
  const own = mkdtempSync(path.join(os.tmpdir(), 'rapporteur-config-'))
  writeFileSync(path.join(own, '.env'), 'PORT=9000\nHOST=127.0.0.2\n')
  expect(loadConfig({ HOST: '127.0.0.3', LOG_LEVEL: '' }, own).config.server).toMatchObject({
    port: 9000,
    host: '127.0.0.3',
    logLevel: 'info',
  })
})

test.each([
  ['ADMIN_EMAIL', 'ADMIN_EMAILS'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['DATA_DRI', 'DATA_DIR'],
  ['time_zone', 'TIME_ZONE'],
])('a misspelt %s is a warning that names %s; others’ variables are nobody’s business', (misspelt, meant) => {
  const { warnings } = load({ [misspelt]: 'x', PATH: '/bin', KUBERNETES_PORT: '1' })
  expect(warnings).toEqual([expect.stringContaining(`Did you mean ${meant}`)])
})

test('a provider that this version cannot use yet is said, and a host that nobody could reach', () => {
  const { warnings } = load({ SUPABASE_URL: 'https://hub.example.com', HOST: '0.0.0.0' })
  expect(warnings).toEqual([
    expect.stringContaining('SUPABASE_URL is set, but'),
    expect.stringContaining('Set SITE_URL'),
  ])
})

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const keyFile = {
  type: 'service_account',
  client_email: 'rapporteur@project.iam.gserviceaccount.com',
  client_id: '112233445566',
  private_key_id: 'k1',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
}

test.each([
  ['as JSON', JSON.stringify(keyFile)],
  ['as base64', Buffer.from(JSON.stringify(keyFile)).toString('base64')],
  [
    'with its line breaks escaped twice',
    JSON.stringify({ ...keyFile, private_key: keyFile.private_key.replaceAll('\n', '\\n') }),
  ],
])('a service account key is taken %s', (_how, text) => {
  const { secrets, config } = load({ GOOGLE_SERVICE_ACCOUNT_KEY: text, PILOT_USERS: 'ana@example.com' })
  expect(secrets.googleServiceAccount).toMatchObject({ clientId: '112233445566', privateKeyId: 'k1' })
  expect(JSON.stringify(secrets)).not.toContain('PRIVATE KEY')
  expect(config).toMatchObject({ hasProvider: true, pilotUsers: ['ana@example.com'] })
  expect(config.google.addresses.tokenUrl.href).toBe('https://oauth2.googleapis.com/token')
})

test.each([
  ['no JSON', 'hunter2', /neither the JSON of a service account key nor base64 of it/],
  ['another kind of file', JSON.stringify({ installed: { client_secret: 'hunter2' } }), /its field "type"/],
  ['no private key', JSON.stringify({ ...keyFile, private_key: undefined }), /its field "private_key"/],
  ['a damaged private key', JSON.stringify({ ...keyFile, private_key: 'hunter2' }), /cannot be read/],
])('a service account key that is %s is refused without showing it', (_what, text, message) => {
  const said = refusal({ GOOGLE_SERVICE_ACCOUNT_KEY: text })
  expect(said).toMatch(message)
  expect(said).not.toContain('hunter2')
})

test('a service account key without people is a warning, an administrator without a key an error', () => {
  expect(load({ GOOGLE_SERVICE_ACCOUNT_KEY: JSON.stringify(keyFile) }).warnings).toEqual([
    expect.stringContaining('set GOOGLE_ADMIN_EMAIL for the whole domain, or PILOT_USERS'),
  ])
  expect(refusal({ GOOGLE_ADMIN_EMAIL: 'root@example.com' })).toContain('GOOGLE_SERVICE_ACCOUNT_KEY')
})

test('calendars and domains are read out of lists', () => {
  const { config } = load({
    ICS_CALENDARS: 'Ana@example.com=https://example.com/a.ics?x=1, ben@example.org=/b.ics',
    ADMIN_EMAILS: 'Ana@Example.com; ben@example.org',
  })
  expect(config.icsCalendars).toEqual([
    { owner: 'ana@example.com', address: 'https://example.com/a.ics?x=1' },
    { owner: 'ben@example.org', address: '/b.ics' },
  ])
  expect(config).toMatchObject({ hasProvider: true, orgDomains: ['example.com', 'example.org'] })
})

test('no environment makes it throw anything but a refusal in words', () => {
  const names = Object.keys(variables)
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (environment) => {
      expect(refusal(environment)).toMatch(/nothing was refused|The settings/)
    }),
  )
})

test.each([
  [{ ATTENDEE_API_URL: 'https://attendee.example.com' }, 'ATTENDEE_API_KEY'],
  [{ ATTENDEE_API_KEY: 'hunter2' }, 'ATTENDEE_API_URL'],
  [{ ATTENDEE_WEBHOOK_SECRET: 'aHVudGVyMg==' }, 'ATTENDEE_API_URL'],
  [{ ATTENDEE_WEBHOOK_SECRET: 'hunter2!' }, 'ATTENDEE_WEBHOOK_SECRET is not base64'],
  [{ ATTENDEE_STORAGE_HOSTS: 'storage.example.com' }, 'no ATTENDEE_API_URL'],
  [{ RUNNERS: 'zoom' }, 'platform=runner'],
])('half of what an Attendee server needs is refused with what is missing: %j', (environment, name) => {
  const said = refusal(environment)
  expect(said).toContain(name)
  expect(said).not.toContain('hunter2')
})

test('what goes together travels together, and is there whole or not at all', () => {
  const none = load({ GOOGLE_REDIRECT_URI: 'https://example.com/callback' }).secrets
  expect(none).toMatchObject({ attendee: undefined, googleOauthClient: undefined })
  const { secrets, config } = load({
    ATTENDEE_API_URL: 'https://attendee.example.com',
    ATTENDEE_API_KEY: 'planted',
    ATTENDEE_WEBHOOK_SECRET: 'cGxhbnRlZA==',
    GOOGLE_CLIENT_ID: 'our client',
    GOOGLE_CLIENT_SECRET: 'planted',
    GOOGLE_REDIRECT_URI: 'https://example.com/callback',
  })
  expect(secrets.attendee).toEqual({
    url: new URL('https://attendee.example.com'),
    apiKey: 'planted',
    webhookSecret: 'cGxhbnRlZA==',
    settings: undefined,
    image: undefined,
    storageHosts: [],
  })
  const redirectUri = new URL('https://example.com/callback')
  expect(secrets.googleOauthClient).toEqual({ id: 'our client', secret: 'planted', redirectUri })
  expect(JSON.stringify(config)).not.toMatch(/planted|cGxhbnRlZA/)
})

test('RUNNERS is read as pairs', () => {
  expect(load({ RUNNERS: 'google_meet=attendee, zoom=none' }).config.runners).toEqual([
    { platform: 'google_meet', runner: 'attendee' },
    { platform: 'zoom', runner: 'none' },
  ])
})

test('other recording bots are named, each by a name that is not in everybody’s', () => {
  const read = (names: string) => load({ BOT_NAMES_OF_OTHERS: names }).config.otherBotNames
  expect(read(' Notetaker, read.ai,Otter Pilot ,')).toEqual(['Notetaker', 'read.ai', 'Otter Pilot'])
  expect(load({}).config.otherBotNames).toEqual([])
  for (const wrong of ['Notetaker,-', 'x'.repeat(101), Array.from({ length: 51 }, (_, i) => `bot${i}`).join(',')])
    expect(refusal({ BOT_NAMES_OF_OTHERS: wrong })).toContain('is not a list of up to 50 names')
})

test('what bots of an Attendee server are ordered with is checked, in the server’s words and by platform', () => {
  const attendee = { ATTENDEE_API_URL: 'https://attendee.example.com', ATTENDEE_API_KEY: 'x' }
  const read = (settings: object) => load({ ...attendee, ATTENDEE_SETTINGS: JSON.stringify(settings) }).secrets
  const settings = {
    transcription_settings: { meeting_closed_captions: { google_meet_language: 'de-DE', teams_language: 'de-de' } },
    google_meet_settings: { use_login: true, login_mode: 'only_if_required' },
    automatic_leave_settings: { bot_keywords: ['notetaker'] },
    zoom: {
      transcription_settings: { deepgram: { language: 'de' } },
      callback_settings: { zoom_tokens_url: 'https://tokens.example.com/zoom' },
    },
  }
  expect(read(settings).attendee?.settings).toEqual(settings)
  const wrong = [
    [{ transcription: {} }, /its top/],
    [{ transcription_settings: { whisper: {} } }, /transcription_settings/],
    [{ transcription_settings: { deepgram: {}, gladia: {} } }, /one way/],
    [{ recording_settings: { format: 'flac' } }, /recording_settings\.format/],
    [{ zoom_settings: { meeting_settings: { allow_tea: true } } }, /zoom_settings\.meeting_settings/],
    [{ teams_settings: { use_login: 'yes' } }, /teams_settings\.use_login/],
    [{ zoom: { callback_settings: { zoom_tokens_url: 'http://tokens.example.com' } } }, /zoom_tokens_url.*https/],
    [{ zoom: { transcription_settings: { meeting_closed_captions: {} } } }, /"sdk": "web"/],
    [{ automatic_leave_settings: { bot_keywords: ['note taker'] } }, /single word/],
    [{ automatic_leave_settings: { max_uptime_seconds: 5 } }, /STAY_MAX/],
  ] as const
  for (const [one, said] of wrong)
    expect(refusal({ ...attendee, ATTENDEE_SETTINGS: JSON.stringify(one) }), JSON.stringify(one)).toMatch(said)
  const secret = { transcription_settings: { custom_async_v2: { headers: 'hunter2' }, whisper: 'hunter2' } }
  expect(refusal({ ...attendee, ATTENDEE_SETTINGS: JSON.stringify(secret) })).not.toContain('hunter2')
  expect(refusal({ ...attendee, ATTENDEE_SETTINGS: '{' })).toContain('is not JSON')
  expect(refusal({ ATTENDEE_SETTINGS: '{}' })).toContain('no ATTENDEE_API_URL')
})

test('the picture of bots is read at the start, and is a PNG or a JPEG of at most 1 MB', () => {
  const attendee = { ATTENDEE_API_URL: 'https://attendee.example.com', ATTENDEE_API_KEY: 'x' }
  const file = (name: string, bytes: Buffer) => {
    writeFileSync(path.join(folder, name), bytes)
    return path.join(folder, name)
  }
  const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const take = (name: string) => load({ ...attendee, ATTENDEE_BOT_IMAGE: name }).secrets.attendee?.image
  expect(take(file('a', png))).toEqual({ type: 'image/png', data: png.toString('base64') })
  expect(take(file('b', Buffer.from('\xff\xd8\xff\xe0', 'latin1')))).toMatchObject({ type: 'image/jpeg' })
  const refused = (name: string) => refusal({ ...attendee, ATTENDEE_BOT_IMAGE: name })
  expect(refused(file('c', Buffer.from('GIF89a')))).toContain('neither a PNG nor a JPEG')
  expect(refused(file('d', Buffer.concat([png, Buffer.alloc(1024 * 1024)])))).toContain('more than 1 MB')
  expect(refused(path.join(folder, 'nothing'))).toContain('cannot be read')
})
