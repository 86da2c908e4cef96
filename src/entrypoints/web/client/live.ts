// The transcript while it is written: new turns as they come, resumed after a break without losing any.
import { isReaderMoving } from './gestures.ts'
import { find, hasSelection, isInView, offer, scrollTo, withdrawOffer } from './page.ts'
import { patchChildren, patchElement } from './patch.ts'
import { allTurns } from './turns.ts'

const RETRY_MS = 5_000
const LONGEST_RETRY_MS = 60_000
const QUIET_MS = 40_000

/** Grows while no stream is to be had, as where this reader follows the transcript on many pages. */
let retryMs = RETRY_MS

interface TurnsNews {
  from: number
  html: string
  pending: string
}

/** Follows the transcript until it is over; `changed` is called whenever the page was made anew. */
export function followLive(changed: () => void): void {
  const article = find<HTMLElement>('[data-transcript]')
  if (!article || article.dataset.phase === 'over') return
  let quiet: number | undefined
  let unread = 0
  const source = new EventSource(`${article.dataset.transcript}stream?after=${article.dataset.seq}`)

  const refresh = async () => {
    const answer = await fetch(location.href, { cache: 'no-store' }).catch(() => undefined)
    // Not ours to read any more: the page itself says so best.
    if (answer && [401, 403, 404, 410].includes(answer.status)) return location.reload()
    const next = answer?.ok ? parse(await answer.text()) : undefined
    if (!next) return later()
    const { phase } = next.dataset
    if (phase === 'over' || source.readyState === EventSource.CLOSED) source.close()
    patchElement(article, next)
    changed()
    if (source.readyState === EventSource.CLOSED && phase !== 'over') followLive(changed)
  }
  const later = () => {
    source.close()
    setTimeout(() => void refresh(), retryMs)
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
  }
  const listen = () => {
    connection('')
    clearTimeout(quiet)
    quiet = window.setTimeout(() => connection('no new lines for a while'), QUIET_MS)
  }

  source.addEventListener('open', () => {
    retryMs = RETRY_MS
    listen()
  })
  source.addEventListener('turns', (event) => {
    listen()
    if (find('.empty')) return void refresh()
    unread = addTurns(JSON.parse(event.data) as TurnsNews, unread)
  })
  source.addEventListener('phase', (event) => {
    if (event.data !== article.dataset.phase) void refresh()
  })
  source.addEventListener('error', () => {
    clearTimeout(quiet)
    connection('reconnecting …')
    if (source.readyState === EventSource.CLOSED) later()
  })
}

function parse(html: string): HTMLElement | undefined {
  const next = new DOMParser().parseFromString(html, 'text/html').querySelector<HTMLElement>('[data-transcript]')
  return next ?? undefined
}

/** Replaces the turns from an index on. Goes along with somebody who reads the end; tells all others how many are new, and answers that. */
function addTurns({ from, html, pending }: TurnsNews, unread: number): number {
  const list = find('[data-turns]')
  const waiting = find('[data-pending]')
  if (!list || !waiting) return 0
  const wasAtEnd = isAtEnd()
  const before = list.children.length
  const next = list.cloneNode() as Element
  next.append(...[...list.children].slice(0, from).map((turn) => turn.cloneNode(true)), fragmentOf(html))
  patchChildren(list, next)
  patchChildren(waiting, fragmentOf(pending))
  const last = allTurns().at(-1)
  const count = (wasAtEnd ? 0 : unread) + Math.max(0, list.children.length - before)
  if (!last || isInView(last)) return 0
  if (wasAtEnd && !isReaderMoving() && !hasSelection()) {
    scrollTo(last)
    return 0
  }
  if (count > 0) offerEnd(count, last)
  return count
}

function offerEnd(count: number, last: Element): void {
  offer(`↓ ${count} new ${count === 1 ? 'line' : 'lines'}`, () => {
    withdrawOffer()
    scrollTo(last)
  })
}

function isAtEnd(): boolean {
  const last = allTurns().at(-1)
  return last === undefined || isInView(last)
}

function fragmentOf(html: string): DocumentFragment {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content
}

function connection(text: string): void {
  const place = find('[data-connection]')
  if (place) place.textContent = text
}
