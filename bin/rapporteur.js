#!/usr/bin/env node
// The door of the command line. Plain JavaScript with old syntax only, so that an old Node can still read the message.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Rapporteur needs Node 22.18 or newer, and this is ${process.version}. Install Node 24 (https://nodejs.org), or run \`npm install\` in this folder once: it brings its own Node, which \`npm start\` and \`npx rapporteur\` then use.`,
  )
  process.exit(1)
}
const main = new URL('../dist/src/main.js', import.meta.url)
if (!existsSync(fileURLToPath(main))) {
  console.error('Rapporteur has not been built yet. Run `npm run build` in its folder, then try again.')
  process.exit(1)
}
await import(main.href)
