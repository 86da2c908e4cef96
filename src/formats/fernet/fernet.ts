import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

// A token is version (1 byte), Unix seconds (8, big endian), IV (16), AES-128-CBC ciphertext, HMAC-SHA256 of all of that (32).
// Source: github.com/fernet/spec, version 0x80, which is also what Python's cryptography writes.
const VERSION = 0x80
const HEADER_BYTES = 1 + 8
const IV_BYTES = 16
const BLOCK_BYTES = 16
const MAC_BYTES = 32
const TOKEN_FORM = /^[A-Za-z0-9_+/-]+={0,2}$/

const KEY_BYTES = 32
const BASE64_KEY = /^[A-Za-z0-9_+/-]{43}=?$/

/** A Fernet key in its two halves. Key objects print as nothing, so that a key cannot slip into a log. */
export interface FernetKey {
  readonly signing: KeyObject
  readonly encryption: KeyObject
}

/** Reads a key written as base64url or base64, its padding optional; undefined if it is none. */
export function parseFernetKey(text: string): FernetKey | undefined {
  return BASE64_KEY.test(text) ? fernetKeyOf(Buffer.from(text, 'base64url')) : undefined
}

/** The key of 32 bytes; undefined if there are more or fewer. */
export function fernetKeyOf(bytes: Buffer): FernetKey | undefined {
  if (bytes.length !== KEY_BYTES) return undefined
  return { signing: createSecretKey(bytes.subarray(0, 16)), encryption: createSecretKey(bytes.subarray(16)) }
}

/** A new key as base64url with its padding, the only form Python's Fernet reads. */
export function generateFernetKey(): string {
  return `${randomBytes(KEY_BYTES).toString('base64url')}=`
}

interface EncryptOptions {
  /** When the token says it was made; the present if not given. */
  now?: Date
  /** For test vectors only: two tokens under one IV betray what they have in common. */
  iv?: Uint8Array
}

/** Encrypts a text into a Fernet token (base64url with padding). */
export function encryptFernet(key: FernetKey, plaintext: string, options: EncryptOptions = {}): string {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(VERSION, 0)
  header.writeBigUInt64BE(BigInt(Math.floor((options.now ?? new Date()).getTime() / 1000)), 1)
  const iv = options.iv ?? randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-128-cbc', key.encryption, iv)
  const signed = Buffer.concat([header, iv, cipher.update(plaintext, 'utf8'), cipher.final()])
  return withPadding(Buffer.concat([signed, macOf(key, signed)]).toString('base64url'))
}

/** Decrypts a token with the first of the keys that made it, whatever its age; undefined if none did. */
export function decryptFernet(keys: readonly FernetKey[], token: string): string | undefined {
  const bytes = readToken(token.trim())
  if (!bytes) return undefined
  for (const key of keys) {
    const plaintext = decryptWith(key, bytes)
    if (plaintext !== undefined) return plaintext
  }
  return undefined
}

function readToken(token: string): Buffer | undefined {
  if (!TOKEN_FORM.test(token)) return undefined
  const bytes = Buffer.from(token, 'base64url')
  const ciphertextBytes = bytes.length - HEADER_BYTES - IV_BYTES - MAC_BYTES
  const isWhole = ciphertextBytes >= BLOCK_BYTES && ciphertextBytes % BLOCK_BYTES === 0
  return isWhole && bytes[0] === VERSION ? bytes : undefined
}

function decryptWith(key: FernetKey, bytes: Buffer): string | undefined {
  const signed = bytes.subarray(0, -MAC_BYTES)
  if (!timingSafeEqual(macOf(key, signed), bytes.subarray(-MAC_BYTES))) return undefined
  const iv = signed.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES)
  const decipher = createDecipheriv('aes-128-cbc', key.encryption, iv)
  try {
    return Buffer.concat([decipher.update(signed.subarray(HEADER_BYTES + IV_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    return undefined // Wrong padding under a right MAC: written by something that is not Fernet.
  }
}

function macOf(key: FernetKey, signed: Uint8Array): Buffer {
  return createHmac('sha256', key.signing).update(signed).digest()
}

function withPadding(base64url: string): string {
  return base64url.padEnd(Math.ceil(base64url.length / 4) * 4, '=')
}
