export { type Config, type LoadedConfig, loadConfig, type Secrets } from './config.ts'
