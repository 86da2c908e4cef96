// Buttons that copy a turn, or all of them, as "Name (12:34): text".
import { find, say } from './page.ts'
import { allTurns } from './turns.ts'

const copyable = new WeakSet<Element>()

/** Puts the button for everything into its place, and one into each turn once somebody comes near it. */
export function startCopying(): void {
  const place = find('[data-copy-all]')
  if (place && !place.firstChild) place.append(makeButton('Copy all', () => copy(allTurns())))
  const list = find<HTMLElement>('[data-turns]')
  if (!list || copyable.has(list)) return
  copyable.add(list)
  for (const kind of ['pointerover', 'focusin'] as const) {
    list.addEventListener(kind, ({ target }) => addButton((target as Element).closest<HTMLLIElement>('.turn')))
  }
}

function addButton(turn: HTMLLIElement | null): void {
  const by = turn?.querySelector('.by')
  if (!turn || !by || by.querySelector('button')) return
  by.append(makeButton('Copy', () => copy([turn])))
}

function makeButton(label: string, act: () => Promise<void>): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = label
  button.addEventListener('click', () => {
    void act().then(() => {
      button.textContent = 'Copied'
      setTimeout(() => {
        button.textContent = label
      }, 2_000)
    })
  })
  return button
}

async function copy(turns: readonly HTMLLIElement[]): Promise<void> {
  const text = turns.map(textOf).join('\n')
  if (navigator.clipboard) await navigator.clipboard.writeText(text)
  else copyWithoutClipboard(text)
  say(turns.length === 1 ? 'Copied one turn' : `Copied ${turns.length} turns`)
}

function textOf(turn: HTMLLIElement): string {
  const part = (selector: string) => turn.querySelector(selector)?.textContent?.replace(/\s+/g, ' ').trim() ?? ''
  return `${part('.by b')} (${part('time')}): ${part('.said')}`
}

/** The old way: browsers keep the clipboard from pages without https. */
function copyWithoutClipboard(text: string): void {
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
