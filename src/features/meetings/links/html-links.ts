import { Tokenizer } from 'htmlparser2'
import { decodeEntities } from './repair-text.ts'

interface HtmlLinks {
  /** Targets of the links, in order. */
  hrefs: string[]
  /** What is read on the page, with a line break where a block or a link begins or ends. */
  text: string
}

// A link can be split by any other tag, such as <wbr> or <b>, and still be one on the page.
const BREAKS = new Set(
  'a address article blockquote body br center dd div dl dt footer h1 h2 h3 h4 h5 h6 head header hr li main ol p pre section table tbody td th thead tr ul'.split(
    ' ',
  ),
)
// Outlook leaves the address from before Safe Links in `originalsrc`.
const ADDRESS_ATTRIBUTES = new Set(['href', 'originalsrc'])
const UNSEEN = new Set(['script', 'style', 'title'])

/** True if the text contains a complete tag. */
export function isHtml(text: string): boolean {
  return /<\/?[a-z][^<>]*>/i.test(text)
}

/** Links and readable text of a piece of HTML. The tokenizer alone is used: it takes time in proportion to the length, however the tags nest. */
export function readHtml(html: string): HtmlLinks {
  const hrefs: string[] = []
  const text: string[] = []
  let unseen: string | null = null
  let attribute = ''
  let value = ''

  const tag = (start: number, end: number) => {
    const name = html.slice(start, end).toLowerCase()
    if (BREAKS.has(name)) text.push('\n')
    return name
  }
  const ignore = () => {}
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: false },
    {
      onopentagname(start, end) {
        const name = tag(start, end)
        unseen = UNSEEN.has(name) ? name : null
      },
      onclosetag(start, end) {
        tag(start, end)
        unseen = null
      },
      ontext(start, end) {
        if (unseen === null) text.push(html.slice(start, end))
      },
      onattribname(start, end) {
        attribute = html.slice(start, end).toLowerCase()
        value = ''
      },
      onattribdata(start, end) {
        value = html.slice(start, end)
      },
      onattribend() {
        if (ADDRESS_ATTRIBUTES.has(attribute)) hrefs.push(decodeEntities(value))
      },
      onattribentity: ignore,
      ontextentity: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onend: ignore,
      onopentagend: ignore,
      onprocessinginstruction: ignore,
      onselfclosingtag: ignore,
    },
  )
  tokenizer.write(html)
  tokenizer.end()
  // A tag that is never closed would swallow the rest, which in a plain text with a stray "<" is the text itself.
  const lastOpened = html.lastIndexOf('<')
  if (lastOpened > html.lastIndexOf('>')) text.push('\n', html.slice(lastOpened + 1))
  return { hrefs, text: decodeEntities(text.join('')) }
}
