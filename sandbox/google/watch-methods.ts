import { openCalendar } from './calendar-methods.ts'
import { json, type Method, readJson } from './call.ts'
import { type Channels, writeChannel } from './channels.ts'
import type { Push } from './push.ts'
import type { World } from './world.ts'

interface WatchMethodDeps {
  world: World
  channels: Channels
  push: Push
  calendarApiUrl: string
}

/** Opening and stopping channels. */
export function watchMethods({ world, channels, push, calendarApiUrl }: WatchMethodDeps): Method[] {
  return [
    {
      name: 'events.watch',
      verb: 'POST',
      path: /^\/calendars\/([^/]+)\/events\/watch$/,
      needs: 'readEvents',
      async run(call, grant) {
        const { calendar } = openCalendar(world, call.params[0] ?? '', grant)
        const uri = `${calendarApiUrl}/calendars/${encodeURIComponent(calendar.id)}/events?alt=json`
        const channel = channels.open(calendar, uri, readJson(call), grant)
        const synced = push.send(channel, 'sync')
        if (world.doubts.syncBeforeWatchAnswer) await synced
        return json(writeChannel(channel))
      },
    },
    {
      name: 'channels.stop',
      verb: 'POST',
      path: /^\/channels\/stop$/,
      needs: 'readEvents',
      run(call, grant) {
        channels.stop(readJson(call), grant)
        return { status: 204, text: '' }
      },
    },
  ]
}
