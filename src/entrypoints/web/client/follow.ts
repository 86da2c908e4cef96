// Follows the sound with the page, and yields to the reader at once: it comes back on request only, never after a time.
import { isReaderMoving, watchGestures } from './gestures.ts'
import {
  find,
  hasSelection,
  isInView,
  momentPlayed,
  offer,
  readableBand,
  say,
  scrollTo,
  stamp,
  stopScrolling,
  withdrawOffer,
} from './page.ts'
import { allTurns, turnAt } from './turns.ts'

const REMEMBERED = 'rapporteur.follow'

export interface Follower {
  /** Goes on following, from where the sound is. */
  resume(): void
  toggle(): void
}

export function followSound(audio: HTMLAudioElement): Follower {
  const box = find<HTMLInputElement>('[data-follow]')
  const turns = allTurns()
  let current: HTMLLIElement | undefined
  let hasBegun = false
  let isSuspended = false
  if (box) box.checked = localStorage.getItem(REMEMBERED) !== 'off'

  const isWanted = () => box?.checked === true
  const suspend = () => {
    if (!hasBegun || isSuspended) return
    isSuspended = true
    stopScrolling()
    offerWayBack()
  }

  function update(mayScroll: boolean): void {
    const turn = turnAt(turns, momentPlayed(audio) + 0.05)
    const isNew = turn !== current
    if (isNew) {
      current?.removeAttribute('aria-current')
      turn?.setAttribute('aria-current', 'true')
      current = turn
    }
    if (mayScroll && isNew) keepInView()
    offerWayBack()
  }

  function keepInView(): void {
    if (!current || !isWanted() || !hasBegun || isSuspended || isReaderMoving() || hasSelection()) return
    const { top, bottom } = current.getBoundingClientRect()
    const band = readableBand()
    if (top < band.top || (bottom > band.bottom && top > band.top + 40)) scrollTo(current)
  }

  function offerWayBack(): void {
    if (!current || !isWanted() || !isSuspended || audio.paused || isInView(current)) {
      withdrawOffer()
      return
    }
    const arrow = current.getBoundingClientRect().top < 0 ? '↑' : '↓'
    offer(`${arrow} Back to ${stamp(momentPlayed(audio))}`, () => {
      // The button goes; whoever came here by keyboard stands at the turn then.
      current?.querySelector('a')?.focus({ preventScroll: true })
      resume()
    })
  }

  function resume(): void {
    hasBegun = true
    isSuspended = false
    document.getSelection()?.removeAllRanges()
    keepInView()
    offerWayBack()
  }

  function remember(): void {
    localStorage.setItem(REMEMBERED, isWanted() ? 'on' : 'off')
    say(isWanted() ? 'The page follows the sound' : 'The page stays where it is')
    if (isWanted()) resume()
    offerWayBack()
  }

  audio.addEventListener('timeupdate', () => update(true))
  audio.addEventListener('seeked', () => update(true))
  audio.addEventListener('pause', offerWayBack)
  audio.addEventListener('play', () => {
    hasBegun = true
    update(false)
    keepInView()
  })
  watchGestures(() => {
    if (!current) return
    // Away from the place is a wish to be left alone; back at it, one to be taken along.
    if (!isInView(current)) suspend()
    else if (isSuspended && !hasSelection()) isSuspended = false
    offerWayBack()
  })
  document.addEventListener('selectionchange', () => {
    if (hasSelection()) suspend()
  })
  find('[data-turns]')?.addEventListener('focusin', ({ target }) => {
    if ((target as Element).matches(':focus-visible')) suspend()
  })
  box?.addEventListener('change', remember)
  return {
    resume,
    toggle() {
      if (!box) return
      box.checked = !box.checked
      remember()
    },
  }
}
