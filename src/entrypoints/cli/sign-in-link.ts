import { AppError } from '../../base/errors.ts'
import { normaliseEmail } from '../../base/text.ts'
import { recordAudit } from '../../features/people/index.ts'
import { inTransaction } from '../../platform/db/index.ts'
import { createSignInLink } from '../../platform/sessions/index.ts'
import { COMMAND_LINE, type Command, textOption } from './command.ts'
import { openAppForCommand } from './open-installation.ts'

export const signInLinkCommand: Command = {
  name: 'sign-in-link',
  summary: 'Prints a link that signs an administrator in, once, within 15 minutes.',
  usage: '[--email EMAIL] [--sandbox] [--json]',
  options: { email: { type: 'string' }, sandbox: { type: 'boolean' }, json: { type: 'boolean' } },
  async run(input, output) {
    const given = textOption(input, 'email')
    const email = given === undefined ? null : normaliseEmail(given)
    if (email === undefined) throw new AppError('bad_email', `"${given}" is not an e-mail address.`)
    await using app = await openAppForCommand({
      commandName: 'sign-in-link',
      output,
      sandbox: input.options.sandbox === true,
    })
    const token = await inTransaction(app.db, async (trx) => {
      const entry = { at: app.clock.now(), ...COMMAND_LINE, subject: email ?? 'administrator' }
      await recordAudit(trx, { ...entry, action: 'sign_in_link_made' })
      return await createSignInLink(trx, app.clock, { email, isAdmin: true })
    })
    const { siteUrl, host, port } = app.config.server
    const url = signInUrl(siteUrl?.origin ?? localOrigin(host, port), token)
    output.print(input.options.json ? JSON.stringify({ url }) : url)
    return 0
  },
}

/** The address that a sign-in token opens. */
export function signInUrl(origin: string, token: string): string {
  return `${origin}/dashboard/sign-in/?token=${token}`
}

/** The address under which this machine reaches the server. */
export function localOrigin(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
