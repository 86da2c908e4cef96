// The transcript page, brought to life. All of it reads, prints and downloads without.
import { startCopying } from './copy.ts'
import { followLive } from './live.ts'
import { find } from './page.ts'
import { startPlayer } from './player.ts'

/** The server has put the link's token into a cookie for this page; in the address it would be copied, photographed and remembered. */
function cleanAddress(): void {
  const address = new URL(location.href)
  if (!address.searchParams.has('token') || !navigator.cookieEnabled) return
  address.searchParams.delete('token')
  history.replaceState(history.state, '', address)
}

/** Adds the reader's own time where it is another. */
function addLocalTime(): void {
  const time = find<HTMLTimeElement>('time[data-zone]')
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  if (!time || time.dataset.zone === timeZone || find('[data-local]')) return
  const dayIn = (zone: string | undefined) =>
    new Intl.DateTimeFormat('en-GB', zone === undefined ? {} : { timeZone: zone }).format(new Date(time.dateTime))
  const isOtherDay = dayIn(undefined) !== dayIn(time.dataset.zone)
  const format = (zone: string | undefined) =>
    new Intl.DateTimeFormat('en-GB', {
      ...(zone === undefined ? {} : { timeZone: zone }),
      ...(isOtherDay ? { weekday: 'short' } : {}),
      hour: '2-digit',
      minute: '2-digit',
    }).format(new Date(time.dateTime))
  if (format(undefined) === format(time.dataset.zone)) return
  const note = document.createElement('span')
  note.className = 'muted'
  note.dataset.local = timeZone
  note.textContent = ` · ${format(undefined)} where you are`
  time.parentElement?.append(note)
}

function start(): void {
  addLocalTime()
  startCopying()
  startPlayer()
}

cleanAddress()
start()
followLive(start)
