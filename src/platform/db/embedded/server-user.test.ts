import { expect, it } from 'vitest'
import { ensureServerUser } from './server-user.ts'

/** A machine with these answers to `id` and `useradd`. */
function machine(answers: { hasUser: boolean; useradd: 'works' | 'missing' | 'forbidden' }) {
  let hasUser = answers.hasUser
  const ran: string[] = []
  const run = async (program: string, args: readonly string[]) => {
    if (program === 'id') {
      const output = { '-u': '990', '-g': '991', '-un': 'rapporteur' }[args[0] ?? ''] ?? ''
      return hasUser ? { ok: true, output: `${output}\n` } : { ok: false, output: 'no such user' }
    }
    ran.push(program)
    if (answers.useradd === 'missing') return { ok: false, output: 'spawn useradd ENOENT', errorCode: 'ENOENT' }
    if (answers.useradd === 'forbidden') return { ok: false, output: 'useradd: Permission denied.\n' }
    hasUser = true
    return { ok: true, output: '' }
  }
  return { run, ran }
}

it('takes the user that is there and says nothing', async () => {
  const { run, ran } = machine({ hasUser: true, useradd: 'works' })
  const lines: string[] = []
  expect(await ensureServerUser((line) => lines.push(line), run)).toEqual({ name: 'rapporteur', uid: 990, gid: 991 })
  expect([lines, ran]).toEqual([[], []])
})

it('creates a missing user and says so in one line', async () => {
  const { run, ran } = machine({ hasUser: false, useradd: 'works' })
  const lines: string[] = []
  expect(await ensureServerUser((line) => lines.push(line), run)).toMatchObject({ uid: 990 })
  expect(ran).toEqual(['useradd'])
  expect(lines).toEqual([
    'Created the system user "rapporteur" to run the database, because PostgreSQL refuses to run as root.',
  ])
})

it.each([
  ['missing', 'there is no useradd here'],
  ['forbidden', 'useradd: Permission denied.'],
] as const)('gives the exact command when useradd is %s', async (useradd, reason) => {
  const { run } = machine({ hasUser: false, useradd })
  const failure = ensureServerUser(() => {}, run)
  await expect(failure).rejects.toMatchObject({
    code: 'server_user_missing',
    message: expect.stringMatching(new RegExp(`${reason}.*\`useradd --system .* rapporteur\``)),
  })
})
