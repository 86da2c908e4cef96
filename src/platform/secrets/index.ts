export { constantTimeEquals } from './compare.ts'
export { decryptToken, encryptToken, generateEncryptionKey, parseEncryptionKey } from './fernet.ts'
export { type InstallationSecrets, loadInstallationSecrets, requireSameSecrets } from './installation-secrets.ts'
export { randomToken } from './random.ts'
