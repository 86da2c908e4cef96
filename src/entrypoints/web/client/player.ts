// The sound: played from a clicked time, sought by the address, driven by keys.
import { type Follower, followSound } from './follow.ts'
import { find, isInView, scrollTo, seek } from './page.ts'
import { allTurns, momentOf, turnAt } from './turns.ts'

const KEYS_REMEMBERED = 'rapporteur.keys'
const STEP_SECONDS = 10
const started = new WeakSet<Element>()

/** Brings the player to life, where the page has one. */
export function startPlayer(): void {
  const audio = find<HTMLAudioElement>('[data-player] audio')
  if (!audio || started.has(audio)) return
  started.add(audio)
  for (const part of document.querySelectorAll<HTMLElement>('[data-scripted]')) part.hidden = false
  const follower = followSound(audio)
  playFromClicks(audio, follower)
  listenToKeys(audio, follower)
  seekToAddress(audio)
  window.addEventListener('hashchange', () => seekToAddress(audio))
}

function playFromClicks(audio: HTMLAudioElement, follower: Follower): void {
  find('[data-turns]')?.addEventListener('click', (event) => {
    const { target, metaKey, ctrlKey, shiftKey } = event as MouseEvent
    const link = (target as Element).closest<HTMLAnchorElement>('.by a')
    const seconds = link ? momentOf(link.hash) : undefined
    if (!link || seconds === undefined || metaKey || ctrlKey || shiftKey) return
    event.preventDefault()
    history.replaceState(null, '', link.hash)
    seek(audio, seconds)
    follower.resume()
    audio.play().catch(() => {})
  })
}

/** Goes to the moment in the address, and does not play: the reader did not ask for sound. */
function seekToAddress(audio: HTMLAudioElement): void {
  const seconds = momentOf(location.hash)
  if (seconds === undefined) return
  seek(audio, seconds)
  const turn = turnAt(allTurns(), seconds)
  if (turn && !isInView(turn)) scrollTo(turn)
}

function listenToKeys(audio: HTMLAudioElement, follower: Follower): void {
  const box = find<HTMLInputElement>('[data-keys]')
  if (box) box.checked = localStorage.getItem(KEYS_REMEMBERED) !== 'off'
  box?.addEventListener('change', () => localStorage.setItem(KEYS_REMEMBERED, box.checked ? 'on' : 'off'))
  const actions: Record<string, () => void> = {
    k: () => void (audio.paused ? audio.play().catch(() => {}) : audio.pause()),
    j: () => (audio.currentTime -= STEP_SECONDS),
    l: () => (audio.currentTime += STEP_SECONDS),
    f: () => follower.toggle(),
  }
  window.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey, target }) => {
    const isTyping = target instanceof HTMLInputElement && target.type !== 'checkbox'
    if (box?.checked !== true || ctrlKey || metaKey || altKey || isTyping) return
    actions[key.toLowerCase()]?.()
  })
}
