import type { Child } from 'hono/jsx'

type Tone = 'info' | 'good' | 'warn' | 'bad'

/** A remark about the whole page. */
export function Banner({ tone, children }: { tone: Tone; children: Child }) {
  return <div class={`banner ${tone}`}>{children}</div>
}

/** What stands where there is nothing to show: what that means, and what to do. */
export function EmptyState({ title, children }: { title: string; children?: Child }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

export interface Figure {
  label: string
  value: number
  note?: string
}

/** A few numbers side by side. */
export function Figures({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl class="figures">
      {figures.map(({ label, value, note }) => (
        <div>
          <dt>{label}</dt>
          <dd>
            {value.toLocaleString('en-GB')}
            {note === undefined ? null : <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Names and values, one pair a line. */
export function Facts({ facts }: { facts: readonly (readonly [string, Child])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** One button that changes something. */
export function ActionForm(props: { action: string; csrf: string; label: string; isPrimary?: boolean }) {
  return (
    <form method="post" action={props.action}>
      <input type="hidden" name="csrf" value={props.csrf} />
      <button type="submit" class={props.isPrimary ? 'primary' : undefined}>
        {props.label}
      </button>
    </form>
  )
}

/** Text from outside: whatever direction it runs in, it does not turn what stands around it. */
export function Foreign({ text }: { text: string }) {
  return <bdi>{text}</bdi>
}
