import { createHash } from 'node:crypto'

/** The look of the sandbox's own pages; small enough to stand in each of them. */
export const pageStyle = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere;
  background: light-dark(#fff, #121212); color: light-dark(#121212, #eee) }
a { color: light-dark(#0b57d0, #a8c7fa) }
h1 { margin: 1rem 0 }
h2 { margin: 2rem 0 0.5rem }
ul { list-style: none; margin: 0; padding: 0 }
li { padding: 0.5rem 0; border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
form { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem 0.75rem }
label { display: grid }
input, select, button { font: inherit; padding: 0.25rem 0.5rem; max-width: 100%; box-sizing: border-box }
input[type=number] { width: 6rem }
small { display: block }
.stacked { display: grid; gap: 1rem; max-width: 36rem }
.stacked label { display: flex; gap: 0.5rem; align-items: baseline; padding: 0.375rem 0 }
.stacked p { margin: 0; display: flex; gap: 0.5rem }
fieldset { border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: 6px; margin: 0; min-width: 0 }
.meeting { align-items: center }
.meeting > span { flex: 1 1 20rem }
`

/** Lets a page have this style and no other. */
export const stylePolicy = `style-src 'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'`
