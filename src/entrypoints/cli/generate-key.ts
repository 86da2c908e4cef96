import { generateEncryptionKey } from '../../platform/secrets/index.ts'
import type { Command } from './command.ts'

export const generateKeyCommand: Command = {
  name: 'generate-key',
  summary: 'Prints a new random key for CREDENTIALS_ENCRYPTION_KEY or TRANSCRIPT_TOKEN_SECRET.',
  usage: '',
  async run(_input, output) {
    output.print(generateEncryptionKey())
    return 0
  },
}
