// Writes docs/configuration.md from the schema of the settings; with --check only compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describeConfiguration } from '../src/platform/config/describe-configuration.ts'

const file = fileURLToPath(new URL('../docs/configuration.md', import.meta.url))
const wanted = describeConfiguration()

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== wanted) {
    console.error('docs/configuration.md is not what the settings say. Run `npm run docs`.')
    process.exitCode = 1
  }
} else writeFileSync(file, wanted)
