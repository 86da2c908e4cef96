// biome-ignore-all lint/a11y/noRedundantRoles: browsers drop the roles of a table whose display is changed, as it is on phones
import type { Child } from 'hono/jsx'

/** A table of things. On narrow screens its rows become cards, each cell with the name of its column. */
export function Table(props: { caption: string; columns: readonly string[]; kind: string; children: Child }) {
  return (
    <table role="table" class={`things ${props.kind}`}>
      <caption class="hidden">{props.caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {props.columns.map((column) => (
            <th role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">{props.children}</tbody>
    </table>
  )
}

export function Row({ children, isMuted }: { children: Child; isMuted?: boolean }) {
  return (
    <tr role="row" class={isMuted ? 'past' : undefined}>
      {children}
    </tr>
  )
}

export function Cell({ label, children }: { label: string; children: Child }) {
  return (
    <td role="cell" data-label={label}>
      <div>{children}</div>
    </td>
  )
}

/** The cell that names its row. */
export function NameCell({ children }: { children: Child }) {
  return (
    <th role="rowheader" scope="row">
      {children}
    </th>
  )
}
