export { type Config, type LoadedConfig, loadConfig, type Secrets } from './config.ts'
export { secretNames } from './read-values.ts'
