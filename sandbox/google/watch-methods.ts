import type { Grant } from './access-tokens.ts'
import { openCalendar } from './calendar-methods.ts'
import { type GoogleAnswer, type GoogleCall, json, type Method, readJson } from './call.ts'
import { type Channels, type Watched, writeChannel } from './channels.ts'
import type { Push } from './push.ts'
import type { World } from './world.ts'

interface WatchMethodDeps {
  world: World
  channels: Channels
  push: Push
  calendarApiUrl: string
  adminApiUrl: string
}

/** The key under which everybody of the domain is watched. */
export const USERS_KEY = 'users'

/** Opening and stopping channels, by API. */
export function watchMethods({ world, channels, push, calendarApiUrl, adminApiUrl }: WatchMethodDeps) {
  const open = async (watched: Watched, call: GoogleCall, grant: Grant): Promise<GoogleAnswer> => {
    const channel = channels.open(watched, readJson(call), grant)
    const synced = push.send(channel, 'sync')
    if (world.doubts.syncBeforeWatchAnswer) await synced
    return json(writeChannel(channel))
  }
  const stop = (call: GoogleCall, grant: Grant): GoogleAnswer => {
    channels.stop(readJson(call), grant)
    return { status: 204, text: '' }
  }
  const calendar: Method[] = [
    {
      name: 'events.watch',
      verb: 'POST',
      path: /^\/calendars\/([^/]+)\/events\/watch$/,
      needs: 'readEvents',
      run(call, grant) {
        const { calendar } = openCalendar(world, call.params[0] ?? '', grant)
        const uri = `${calendarApiUrl}/calendars/${encodeURIComponent(calendar.id)}/events?alt=json`
        return open({ key: calendar.key, uri, isDerived: calendar.isDerived }, call, grant)
      },
    },
    { name: 'channels.stop', verb: 'POST', path: /^\/channels\/stop$/, needs: 'readEvents', run: stop },
  ]
  const directory: Method[] = [
    {
      name: 'users.watch',
      verb: 'POST',
      path: /^\/users\/watch$/,
      needs: 'readUsers',
      run: (call, grant) =>
        open({ key: USERS_KEY, uri: `${adminApiUrl}/users?alt=json`, isDerived: false }, call, grant),
    },
  ]
  return { calendar, directory }
}
