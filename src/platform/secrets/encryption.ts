import { AppError } from '../../base/errors.ts'
import { decryptFernet, type FernetKey, fernetKeyOf, parseFernetKey } from '../../formats/fernet/fernet.ts'

const RAW_KEY_LENGTH = 32

/** What stored credentials are locked with. Prints as nothing. */
export type EncryptionKey = FernetKey

/**
 * Reads a key: 32 bytes as base64url (padding optional), or 32 characters that are the bytes themselves. The predecessor
 * base64url-encoded a key of 32 characters before use, which comes to the same. Throws `secret_bad_key`.
 */
export function parseEncryptionKey(text: string): EncryptionKey {
  const trimmed = text.trim()
  const key = trimmed.length === RAW_KEY_LENGTH ? fernetKeyOf(Buffer.from(trimmed, 'utf8')) : parseFernetKey(trimmed)
  if (key !== undefined) return key
  throw new AppError(
    'secret_bad_key',
    'The encryption key is not usable: it must be 32 bytes written as base64url (44 characters). Make one with `npx rapporteur generate-key`.',
  )
}

/**
 * Decrypts a stored credential with the first key that made it; several keys let one be replaced by another. Its age does not matter: stored
 * credentials do not expire by themselves. Throws `secret_cannot_decrypt`.
 */
export function decryptToken(keys: readonly EncryptionKey[], token: string): string {
  const plaintext = decryptFernet(keys, token)
  if (plaintext !== undefined) return plaintext
  throw new AppError(
    'secret_cannot_decrypt',
    'A stored credential cannot be decrypted: it was written with another encryption key, or it is damaged. Start with the key it was written with (CREDENTIALS_ENCRYPTION_KEY), or connect the account again.',
  )
}
