import { fileURLToPath } from 'node:url'
import type { Action, CastMember } from './cast.ts'
import type { BrowserContext, Page } from './open-browser.ts'

const scriptPath = fileURLToPath(new URL('../assets/pretend-person.js', import.meta.url))

/** Somebody of a cast at the room's door. */
export interface Person {
  readonly page: Page
  /** Presses "Join"; resolves when the room has answered somehow. */
  join(): Promise<void>
  isInMeeting(): Promise<boolean>
  /** Does one thing; a clip resolves at its end. */
  act(action: Action): Promise<void>
}

/** Opens the room's page for somebody and gets everything ready, up to the button. */
export async function bringToDoor(context: BrowserContext, roomUrl: string, member: CastMember): Promise<Person> {
  const { name, says = [], hears = false } = member
  const page = await context.newPage()
  await page.addInitScript({ path: scriptPath })
  await page.goto(roomUrl)
  const clips = [...new Set(says.map(({ clip }) => addressOf(clip)))]
  await call(page, 'prepare', { speaks: clips.length > 0, hears, clips })
  return {
    page,
    join: () => call(page, 'join', name),
    isInMeeting: () => call(page, 'isInMeeting'),
    act: (action) => act(page, action),
  }
}

function act(page: Page, action: Action): Promise<void> {
  if (action.kind === 'say') return call(page, 'say', addressOf(action.clip))
  if (action.kind === 'write') return call(page, 'write', action.text)
  if (action.kind === 'rename') return call(page, 'rename', action.to)
  return action.kind === 'leave' ? call(page, 'leave') : page.close()
}

function addressOf(clip: string): string {
  return `/voices/${clip}.opus`
}

function call<T = void>(page: Page, method: string, input?: unknown): Promise<T> {
  // A text, since a compiled function may refer to what the page does not have.
  return page.evaluate<T>(`window.pretendPerson.${method}(${JSON.stringify(input) ?? ''})`)
}
