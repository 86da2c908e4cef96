// What the modules of this page share: finding its parts, saying something to whoever listens, and showing what only works with a script.

export function find<T extends Element>(selector: string): T | null {
  return document.querySelector<T>(selector)
}

/** Says something politely to people who listen to the page. */
export function say(text: string): void {
  const status = find('[data-status]')
  if (status) status.textContent = text
}

/** The stretch of the window in which text can be read, without what stands before it at the top or at the bottom. */
export function readableBand(): { top: number; bottom: number } {
  const band = { top: 0, bottom: window.innerHeight }
  for (const bar of document.querySelectorAll('[data-player], [data-back-to]:not([hidden])')) {
    const { top, bottom } = bar.getBoundingClientRect()
    if (top < window.innerHeight / 2) band.top = Math.max(band.top, bottom)
    else band.bottom = Math.min(band.bottom, top)
  }
  return band
}

/** Whether part of an element can be read. */
export function isInView(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect()
  const band = readableBand()
  return bottom > band.top && top < band.bottom
}

let isScrolling = false
window.addEventListener('scrollend', () => {
  isScrolling = false
})

/** Ends a gentle movement of ours on its way: the reader's hand has come. */
export function stopScrolling(): void {
  if (isScrolling) window.scrollTo({ top: window.scrollY, behavior: 'instant' })
  isScrolling = false
}

/** Brings an element to about a third of the window, gently where that is not unwelcome. */
export function scrollTo(element: Element): void {
  const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  const top = element.getBoundingClientRect().top + window.scrollY - window.innerHeight * 0.3
  isScrolling = !isCalm
  window.scrollTo({ top, behavior: isCalm ? 'instant' : 'smooth' })
}

/** Whether the reader has marked text: then nothing moves. */
export function hasSelection(): boolean {
  const selection = document.getSelection()
  return selection !== null && !selection.isCollapsed && find('[data-turns]')?.contains(selection.anchorNode) === true
}

/** Offers a way back below the text; the button stays until `withdrawOffer`. */
export function offer(text: string, accept: () => void): void {
  const place = find<HTMLElement>('[data-back-to]')
  const button = place?.querySelector('button')
  if (!place || !button) return
  if (button.textContent !== text) button.textContent = text
  button.onclick = accept
  place.hidden = false
}

export function withdrawOffer(): void {
  const place = find<HTMLElement>('[data-back-to]')
  if (place) place.hidden = true
}

/** A time from the start of the recording, as the page writes it. */
export function stamp(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const rest = two(seconds % 60)
  return hours === 0 ? `${Math.floor(seconds / 60)}:${rest}` : `${hours}:${two((seconds % 3600) / 60)}:${rest}`
}

/** The moment of the meeting that is played: the sound may begin later than the recording did. */
export function momentPlayed(audio: HTMLAudioElement): number {
  return audio.currentTime + startOf(audio)
}

/** Goes to a moment of the meeting, or to the beginning of the sound where that is later. */
export function seek(audio: HTMLAudioElement, seconds: number): void {
  audio.currentTime = Math.max(0, seconds - startOf(audio))
}

function startOf(audio: HTMLAudioElement): number {
  return Number(audio.dataset.from ?? 0)
}
