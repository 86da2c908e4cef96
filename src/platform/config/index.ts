export { type Config, type GoogleAddresses, type LoadedConfig, loadConfig, type Secrets } from './config.ts'
export type { ServiceAccountKey } from './service-account-key.ts'
