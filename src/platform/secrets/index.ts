export {
  encryptFernet as encryptToken,
  generateFernetKey as generateEncryptionKey,
} from '../../formats/fernet/fernet.ts'
export { constantTimeEquals } from './compare.ts'
export { decryptToken } from './encryption.ts'
export { type InstallationSecrets, loadInstallationSecrets } from './installation-secrets.ts'
export type { LinkSecrets, WeakSecret } from './link-secrets.ts'
export { randomToken } from './random.ts'
export { compareFingerprint, replaceFingerprint } from './replace-fingerprint.ts'
export { compareSecrets, FINGERPRINTED, type FingerprintedName, requireSameSecrets } from './require-same-secrets.ts'
