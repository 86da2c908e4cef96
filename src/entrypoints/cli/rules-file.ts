import { existsSync, readFileSync } from 'node:fs'
import type { App } from '../../app.ts'
import { AppError, describeError, isAppError } from '../../base/errors.ts'
import { readCurrentRules } from '../../features/meetings/index.ts'

/** The text of a file of rules. Throws `rules_file_unreadable` with what to do. */
export function readRulesFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AppError(
      'rules_file_unreadable',
      `The rules in ${path} cannot be read (${describeError(error)}). Name another file, or set RULES_FILE to where it is.`,
    )
  }
}

/**
 * Puts the installation's own file of rules in force if it was changed since it last was. With rules in force a file that cannot be used
 * is only warned of; without any, nothing starts: meetings would be attended that the file leaves out.
 */
export async function applyOwnRules(app: App): Promise<void> {
  const { path, isNamed } = app.config.rulesFile
  if (app.isSandbox || (!isNamed && !existsSync(path))) return
  try {
    const version = await app.meetings.applyChangedFile({
      source: readRulesFile(path),
      path,
      by: 'the file, at a start',
    })
    if (version === undefined) return
    await app.meetings.sweep({ origin: 'rules' })
    app.log.info('The file of rules was put in force', { path, version })
  } catch (error) {
    if (!isAppError(error) || !(await readCurrentRules(app.db))) throw error
    app.log.warn('The file of rules cannot be used; those in force stay', { path, error })
  }
}
