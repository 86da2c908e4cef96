import { generateKeyPairSync } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, test } from 'vitest'
import { icsFeed, standup, weekly } from '../support/ics.ts'
import { cookiesOf, createInstallation } from '../support/program.ts'
import { until } from '../support/until.ts'

const text = async (url: string) => (await fetch(url)).text()

test('a first start with nothing set up shows the sandbox, says so in five lines, and stops when asked', async () => {
  await using here = await createInstallation()
  const first = await here.start()
  expect(first.lines).toHaveLength(5)
  expect(first.lines.map((line) => line.split(/\s+/)[0])).toEqual(['Open', 'Data', 'Sandbox', 'Connect', 'Stop'])
  expect(first.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/dashboard\/sandbox\/\?key=[\w-]{43}$/)
  const page = await until(
    () => first.page(),
    (html) => html.includes('Stand-up'),
  )
  expect(page).toContain('A pretend organisation')
  expect(page).toMatch(/(To|Would) be attended/)
  expect((await fetch(`${first.origin}/dashboard/`)).status).toBe(401)
  const opened = await fetch(first.address, { redirect: 'manual' })
  expect(opened.status).toBe(303)
  expect(opened.headers.get('location')).toBe('/dashboard/')
  const organisation = first.lines[2]?.match(/http:\S+\//)?.[0] ?? ''
  expect(await text(organisation)).toContain('in the pretend Google')
  expect(await first.stop()).toBe(0)
})

test('the sandbox connects its own people, by a pretend Google and by address, and nobody of what else is configured', async () => {
  await using here = await createInstallation()
  const file = path.join(here.folder, 'key.json')
  await writeFile(file, serviceAccountKey())
  const running = await here.start(['--sandbox'], {
    GOOGLE_SERVICE_ACCOUNT_KEY_FILE: file,
    GOOGLE_ADMIN_EMAIL: 'boss@real.example',
    PILOT_USERS: 'ana@real.example',
    ICS_CALENDARS: 'ben@real.example=/none.ics',
  })
  const page = await until(
    () => running.page('/dashboard/calendars/'),
    (html) => html.includes('All 8 calendars are up to date.'),
  )
  expect(page).toContain('6, of the people of the domain, through the service account')
  expect(page).not.toContain('real.example')
  // Google calls it like its owner, which is said once.
  expect(page.match(/amara\.okonjo@example\.com/g)).toHaveLength(1)
  expect(await running.stop()).toBe(0)
})

test('a browser that is missing is said once by the start and on the page, and the rest goes on', async () => {
  await using here = await createInstallation()
  const running = await here.start([], { CHROMIUM_PATH: '/nonexistent/chromium' })
  const page = await until(
    () => running.page(),
    (html) => html.includes('Stand-up'),
  )
  expect(page).toContain('A pretend organisation')
  const problems = await running.page('/dashboard/problems/')
  expect(problems).toContain('CHROMIUM_PATH is /nonexistent/chromium')
  expect(await running.stop()).toBe(0)
  expect(running.errorText().match(/CHROMIUM_PATH is/g)).toHaveLength(1)
})

test('after a SIGKILL of everything it starts again, twice in a row, and a second start on the folder is told who has it', async () => {
  await using here = await createInstallation()
  for (let round = 0; round < 2; round++) {
    const running = await here.start()
    await until(
      () => running.page(),
      (html) => html.includes('Stand-up'),
    )
    await running.stop('SIGKILL')
  }
  const running = await here.start()
  const second = await here.run(['start'])
  expect(second.status).toBe(1)
  expect(second.err).toContain(String(running.child.pid))
  expect(await running.stop()).toBe(0)
})

test('a real calendar file becomes a plan that explains itself, also after the sandbox ran', async () => {
  await using here = await createInstallation()
  await (await here.start()).stop()
  const soon = new Date(Date.now() + 3_600_000).toISOString().replace(/[-:]|\.\d+/g, '')
  const file = path.join(here.folder, 'ana.ics')
  const today = standup.map((line) =>
    line.replace(/^DTSTART:.*/, `DTSTART:${soon}`).replace(/^DTEND:.*/, 'DURATION:PT15M'),
  )
  await writeFile(file, icsFeed(today, weekly, ['UID:broken', 'SUMMARY:Broken one', 'DTSTART:soonish']))

  const added = await here.run(['calendar', 'add', 'ics', file, '--owner', 'ana@example.com'])
  expect(added).toMatchObject({ status: 0 })
  // Four weeks from now on hold four or five of its days, by the hour.
  expect(added.out).toMatch(/Connected: [56] events written/)
  expect(added.out).toContain('Broken one')

  const running = await here.start()
  expect(running.lines[2]).toMatch(/^Bots/)
  expect(running.address).toContain('/dashboard/sign-in/?token=')
  expect((await fetch(`${running.origin}/dashboard/`)).status).toBe(401)

  const cookie = await signIn(running.address)
  const day = new Date(Date.now() + 3_600_000).toISOString().slice(0, 10)
  const page = await (await fetch(`${running.origin}/dashboard/?date=${day}&tz=UTC`, { headers: { cookie } })).text()
  expect(page).toContain('Stand-up')
  expect(page).toContain('There is no way to join Google Meet yet.')
  expect(page).not.toContain('pretend')

  const listed = await here.run(['calendar', 'list', '--json'])
  const [calendar] = JSON.parse(listed.out) as { id: string; ownerEmail: string }[]
  expect(calendar).toMatchObject({ ownerEmail: 'ana@example.com', state: 'connected' })
  expect(await here.run(['sync-calendar', '--all'])).toMatchObject({ status: 0 })
  expect(await here.run(['calendar', 'remove', calendar?.id ?? ''])).toMatchObject({ status: 0, out: 'Removed.\n' })
  expect((await here.run(['calendar', 'list'])).out).toContain('No calendar is connected')
  await running.stop()
})

/** Opens the sign-in link and presses its button. */
async function signIn(address: string): Promise<string> {
  const opened = await fetch(address)
  const form = await opened.text()
  const field = (name: string) => form.match(new RegExp(`name="${name}"[^>]*value="([^"]*)"`))?.[1] ?? ''
  const names = [...form.matchAll(/<input[^>]*name="([^"]+)"/g)].map((match) => match[1] as string)
  const action = new URL(
    form.match(/<form[^>]*method="post"[^>]*action="([^"]*)"/)?.[1]?.replaceAll('&amp;', '&') ?? '',
    address,
  )
  const answer = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      origin: action.origin,
      cookie: cookiesOf(opened),
    },
    body: new URLSearchParams(names.map((name) => [name, field(name)])),
  })
  expect(answer.status).toBe(303)
  return cookiesOf(answer)
}

test('a taken port is said in one sentence, and nothing is left running', async () => {
  await using here = await createInstallation()
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as AddressInfo
  const refused = await here.run(['start'], { PORT: String(port) })
  taken.close()
  expect(refused.status).toBe(1)
  expect(refused.err).toContain(`Port ${port}`)
  expect(refused.err).toContain('PORT=')
  const running = await here.start()
  expect(await running.stop()).toBe(0)
})

test('a backup goes into a fresh installation with the same secrets, and into no other', async () => {
  await using old = await createInstallation()
  await using fresh = await createInstallation()
  const feed = path.join(old.folder, 'ana.ics')
  await writeFile(feed, icsFeed(standup, weekly))
  await old.run(['calendar', 'add', 'ics', feed, '--owner', 'ana@example.com'])
  const file = path.join(old.folder, 'all.backup')
  expect(await old.run(['backup', file])).toMatchObject({ status: 0 })
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  expect(await fresh.run(['restore', file])).toMatchObject({ status: 0 })
  const refused = await fresh.run(['calendar', 'list'])
  expect(refused.status).toBe(1)
  expect(refused.err).toContain('CREDENTIALS_ENCRYPTION_KEY is not the one')
  await writeFile(path.join(fresh.dataDir, 'secrets.json'), await readFile(path.join(old.dataDir, 'secrets.json')))
  expect((await fresh.run(['calendar', 'list'])).out).toContain('ana@example.com')
})

test('wrong calls exit with 2 and the usage; failures with 1 and what to do', async () => {
  await using here = await createInstallation()
  const cases: [string[], number, string][] = [
    [['nope'], 2, 'There is no command "nope"'],
    [['calendar', 'add', 'ics'], 2, 'Usage: rapporteur calendar'],
    [['calendar', 'add', 'ics', 'x.ics', '--owner', 'nobody'], 1, 'is not an e-mail address'],
    [['calendar', 'add', 'ics', '/none.ics', '--owner', 'a@example.com'], 1, 'cannot be read'],
    [['calendar', 'add', 'ics', 'http://127.0.0.1:1/x.ics', '--owner', 'a@example.com'], 1, 'ALLOW_PRIVATE_HOSTS'],
    [['worker'], 1, 'DATABASE_URL'],
    [['web'], 1, 'DATABASE_URL'],
    [['doctor', '--nonsense'], 2, 'Usage: rapporteur doctor'],
  ]
  for (const [args, status, said] of cases) {
    const result = await here.run(args)
    expect(result.err, args.join(' ')).toContain(said)
    expect(result.status, args.join(' ')).toBe(status)
  }
  const wrong = await here.run(['doctor'], { PORT: 'eighty', TIME_ZONE: 'Mars/Olympus' })
  expect(wrong).toMatchObject({ status: 2 })
  expect(wrong.err).toContain('PORT')
  expect(wrong.err).toContain('TIME_ZONE')
})

test('the doctor says what is well and what to do about the rest', async () => {
  await using here = await createInstallation()
  const { status, out } = await here.run(['doctor', '--json'])
  expect(status).toBe(0)
  const reports = JSON.parse(out) as { name: string; outcome: string; message: string }[]
  expect(reports.find((report) => report.name === 'calendars')).toMatchObject({ outcome: 'warning' })
  expect(reports.filter((report) => report.outcome === 'failed')).toEqual([])

  const waiting = {
    SMTP_URL: 'smtp://mail.example.com',
    GOOGLE_SERVICE_ACCOUNT_KEY: serviceAccountKey(),
    HOST: '0.0.0.0',
  }
  const told = await here.run(['doctor'], waiting)
  for (const once of [/SMTP_URL is set/g, /says whose calendars|Nobody says whose/g, /localhost are answered/g]) {
    expect((told.out + told.err).match(once), String(once)).toHaveLength(1)
  }
})

function serviceAccountKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  return JSON.stringify({
    type: 'service_account',
    client_email: 'bot@real.iam.gserviceaccount.com',
    client_id: '1',
    private_key_id: 'k',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  })
}
