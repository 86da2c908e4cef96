/** Decoded as these say; every other name counts less than bytes that are UTF-8 without a fault, which no text of another kind is by chance. */
const TRUSTED = /^(?:utf-16|iso-2022-jp)/

/**
 * The text of a feed from its bytes, whatever encoding it came in: by its byte order mark; as UTF-8 where it is that (RFC 5545, 3.1.4); by the
 * character set that the server names; else as Windows-1252, of which ISO-8859-1 is a part. Never throws: a byte that means nothing costs
 * its character.
 */
export function decodeFeed(bytes: Uint8Array, charset?: string | null): string {
  const marked = encodingOf(bytes)
  if (marked !== undefined) return new TextDecoder(marked).decode(bytes)
  const named = decoderOf(charset)
  if (named !== undefined && TRUSTED.test(named.encoding)) return named.decode(bytes)
  const utf8 = decodeUtf8(bytes)
  if (utf8 !== undefined) return utf8
  const other = named === undefined || named.encoding === 'utf-8' ? new TextDecoder('windows-1252') : named
  return other.decode(bytes)
}

/** UTF-16 by its mark, or by the zeros beside the letters of BEGIN. */
function encodingOf([first, second]: Uint8Array): string | undefined {
  if ((first === 0xff && second === 0xfe) || (first === 0x42 && second === 0)) return 'utf-16le'
  return (first === 0xfe && second === 0xff) || (first === 0 && second === 0x42) ? 'utf-16be' : undefined
}

function decoderOf(charset: string | null | undefined): TextDecoder | undefined {
  try {
    return charset ? new TextDecoder(charset) : undefined
  } catch {
    return undefined // A name that no table knows.
  }
}

/** Undefined if it is something else: if more of what is beyond ASCII is damaged than sound. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  const sound = decodeStrictly(bytes)
  if (sound !== undefined) return sound
  const joined = joinFoldedCharacters(bytes)
  const text = decodeStrictly(joined)
  if (text !== undefined) return text
  const repaired = new TextDecoder().decode(joined)
  return isMostlySound(repaired) ? repaired : undefined
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function isMostlySound(text: string): boolean {
  let sound = 0
  let damaged = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 0xfffd) damaged += 1
    else if (code > 0x7f) sound += 1
  }
  return sound > damaged
}

/** Simple programs fold lines by bytes, in the middle of a character (RFC 5545, 3.1): without those folds. */
function joinFoldedCharacters(bytes: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bytes.length)
  let length = 0
  for (let i = 0; i < bytes.length; i += 1) {
    const next = afterFold(bytes, i)
    if (next !== undefined && (joined[length - 1] ?? 0) > 0x7f) i = next
    joined[length] = bytes[i] ?? 0
    length += 1
  }
  return joined.subarray(0, length)
}

/** Where a fold that begins here ends, if the rest of a character follows. */
function afterFold(bytes: Uint8Array, at: number): number | undefined {
  const newline = bytes[at] === 0x0d ? at + 1 : at
  const isFold = bytes[newline] === 0x0a && (bytes[newline + 1] === 0x20 || bytes[newline + 1] === 0x09)
  const next = bytes[newline + 2]
  return isFold && next !== undefined && next >> 6 === 0b10 ? newline + 2 : undefined
}
