import { createPrivateKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** The key of a Google service account, read out of the file that Google makes. The private half prints as nothing. */
export interface ServiceAccountKey {
  clientEmail: string
  /** The numeric id that an administrator enters in the Admin console. */
  clientId: string
  privateKeyId: string
  privateKey: KeyObject
}

const keyFile = z.object({
  type: z.literal('service_account'),
  client_email: z.email(),
  client_id: z.string().min(1),
  private_key_id: z.string().min(1),
  private_key: z.string().min(1),
})

/** GOOGLE_SERVICE_ACCOUNT_KEY: the file's JSON, or base64 of it. What is wrong is said without showing any of it. */
export const serviceAccountKey = z.string().transform((text, context): ServiceAccountKey => {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  const json = readJson(text)
  if (json === undefined) return refuse('is neither the JSON of a service account key nor base64 of it')
  const parsed = keyFile.safeParse(json)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'type'
    return refuse(`is not the key of a service account: its field "${field}" is missing or wrong`)
  }
  const privateKey = readPrivateKey(parsed.data.private_key)
  if (privateKey === undefined) return refuse('holds a private key that cannot be read; download the key again')
  return {
    clientEmail: parsed.data.client_email,
    clientId: parsed.data.client_id,
    privateKeyId: parsed.data.private_key_id,
    privateKey,
  }
})

function readJson(text: string): unknown {
  const trimmed = text.trim()
  const plain = trimmed.startsWith('{') ? trimmed : Buffer.from(trimmed, 'base64').toString('utf8')
  try {
    return JSON.parse(plain)
  } catch {
    return undefined
  }
}

function readPrivateKey(pem: string): KeyObject | undefined {
  try {
    // Some tools that carry variables escape the line breaks a second time.
    const key = createPrivateKey(pem.replaceAll('\\n', '\n'))
    return key.asymmetricKeyType === 'rsa' ? key : undefined
  } catch {
    return undefined
  }
}
