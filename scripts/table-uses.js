// Which tables a source text asks and which it changes, in the query builder's words and in SQL.

const calls = {
  write: /\.(?:insertInto|updateTable|deleteFrom|mergeInto|replaceInto)\(/g,
  read: /\bsql\.table\(|\.(?:selectFrom|(?:inner|left|right|full|cross)Join(?:Lateral)?|using|(?<!\b(?:Array|Buffer|Readable)\.)from)\(/g,
}
/** Calls that may be of something else than a query; of the others it is known that a table follows. */
const manifold = /\.(?:using|from)\(/

/** Every use of a table by its name in camelCase, calls first, then SQL; undefined where the name is not written there. */
export function tableUsesOf(source) {
  const called = Object.entries(calls).flatMap(([verb, pattern]) =>
    [...source.matchAll(pattern)].flatMap(({ index, 0: call }) => {
      const names = namesIn(source.slice(index + call.length))
      return names.filter((table) => table !== undefined || !manifold.test(call)).map((table) => ({ verb, table }))
    }),
  )
  return [...called, ...sqlTextsOf(source).flatMap(usesOfSql)]
}

/** The tables that the first argument of a call names: one, or a list of them, each perhaps with another name to go by; none for a query. */
function namesIn(argument) {
  const text = argument.trimStart()
  if (/^(?:\(|sql\b|\w+ =>)/.test(text)) return []
  const [list] = text.match(/^(?:'[^']*'|\[[^\]]*\])/) ?? []
  if (list === undefined) return [undefined]
  return [...list.matchAll(/'([^']*)'/g)].map(([, name]) => name.trim().split(/\s/)[0].split('.').at(-1))
}

/** The texts of all templates of SQL, those within others by themselves; what is put into one stands there as `?`. */
function sqlTextsOf(source) {
  return [...source.matchAll(/\bsql(?:\.raw\(\s*|(?=[`<]))/g)].flatMap(({ index, 0: tag }) => {
    const from = skipTypes(source, index + tag.length)
    if (source[from] === '`') return [readTemplate(source, from).text]
    const quoted = tag.includes('raw') && source.slice(from).match(/^(['"])(.*?)\1/)
    return quoted ? [quoted[2]] : []
  })
}

function skipTypes(source, from) {
  if (source[from] !== '<') return from
  let depth = 0
  for (let at = from; at < source.length; at++) {
    if (source[at] === '<') depth++
    if (source[at] === '>' && source[at - 1] !== '=' && --depth === 0) return at + 1
  }
  return from
}

/** A template literal that begins at `from`: its text, and where it ends. */
function readTemplate(source, from) {
  let text = ''
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === '`') return { text, end: at + 1 }
    if (source[at] === '\\') text += source[++at]
    else if (source.startsWith('${', at)) {
      text += ' ? '
      at = endOfCode(source, at + 2)
    } else text += source[at]
  }
  return { text, end: source.length }
}

/** Where the brace is that ends the code which begins at `from`. */
function endOfCode(source, from) {
  let depth = 0
  for (let at = from; at < source.length; at++) {
    const sign = source[at]
    if (sign === '`') at = readTemplate(source, at).end - 1
    else if (sign === "'" || sign === '"') at = source.indexOf(sign, at + 1)
    else if (sign === '{') depth++
    else if (sign === '}' && depth-- === 0) return at
  }
  return source.length
}

/** What ends a list of tables at the same depth of parentheses. */
const endsList = new Set(
  'where group order limit offset having union except intersect window for set select values returning when'.split(' '),
)

/** The tables of one text of SQL: a word after `from`, `join`, `using`, `into`, `update` and the like, and after a comma between them. */
function usesOfSql(text) {
  const uses = []
  const lists = [false]
  let [awaited, before] = [undefined, '']
  for (const word of wordsOf(text)) {
    const verb = verbAfter(word, before, lists.at(-1))
    if (verb !== undefined) {
      awaited = verb
      if (word !== ',') lists[lists.length - 1] = word !== 'into' && word !== 'update'
    } else if (word === '(') lists.push(false)
    else if (word === ')') lists.pop()
    else if (endsList.has(word)) lists[lists.length - 1] = false
    if (word === 'only' || word === 'lateral' || word === 'table') continue
    if (verb === undefined) {
      if (awaited !== undefined && /^[a-z]/.test(word)) uses.push({ verb: awaited, table: camelCase(word) })
      // A query may be read from where it is put in; what is written has a name.
      else if (awaited === 'write' && word === '?') uses.push({ verb: awaited, table: undefined })
      awaited = undefined
    }
    before = word
  }
  return uses
}

function verbAfter(word, before, isInList) {
  if (word === 'into' || word === 'truncate') return 'write'
  if (word === 'update') return before === 'do' || before === 'for' || before === 'key' ? undefined : 'write'
  if (word === 'from') return before === 'delete' ? 'write' : before === 'distinct' ? undefined : 'read'
  if (word === 'join' || word === 'using') return 'read'
  return word === ',' && isInList ? 'read' : undefined
}

/** The words of a text of SQL in small letters, without texts, comments and the name of a schema. */
function wordsOf(text) {
  const plain = text.replace(/--.*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, ' ').replaceAll('"', '')
  return [...plain.toLowerCase().matchAll(/(?:rapporteur\.)?([a-z_][\w.]*|\S)/g)].map(([, word]) => word)
}

function camelCase(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())
}
