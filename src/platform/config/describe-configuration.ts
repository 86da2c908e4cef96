import { type Variable, variables } from './variables.ts'

const introduction = `# Settings

Settings are environment variables, or lines of a file \`.env\` in the folder where the program is started; the environment wins.
Nothing has to be set: without any, \`npm start\` shows the sandbox. Variables of others are ignored; one that is nearly ours is a
warning that names it; all that is wrong is said at once, before anything starts.

A secret (🔑) may also be given as \`NAME_FILE\`, the path of a file that holds it. No secret has a built-in value. With the embedded
database, CREDENTIALS_ENCRYPTION_KEY and TRANSCRIPT_TOKEN_SECRET are generated once into \`DATA_DIR/secrets.json\`; with DATABASE_URL
they must be set. The database keeps a fingerprint of each, and a process with another one refuses to start; \`npx rapporteur
replace-fingerprint NAME\` replaces one that is forgotten.

HTTPS_PROXY, HTTP_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS are honoured as everywhere.

Rows in *italics* are understood already, but nothing uses them in this version.

This page is made from \`src/platform/config/variables.ts\` by \`npm run docs\`.
`

/** The text of docs/configuration.md. */
export function describeConfiguration(): string {
  const groups = Map.groupBy(Object.entries<Variable>(variables), ([, variable]) => variable.group)
  const sections = [...groups].map(
    ([group, entries]) =>
      `\n## ${group}\n\n| Variable | Default | What it is |\n| --- | --- | --- |\n${entries.map(([name, variable]) => row(name, variable)).join('\n')}\n`,
  )
  return introduction + sections.join('')
}

function row(name: string, variable: Variable): string {
  const shown = variable.later ? `*${name}*` : `\`${name}\``
  const fallback = (variable.fallback ?? '').replaceAll('|', '\\|')
  return `| ${shown}${variable.secret ? ' 🔑' : ''} | ${fallback} | ${variable.about.replaceAll('|', '\\|')} |`
}
