export type { AttendeeSettings } from './attendee-settings.ts'
export type { BotImage } from './bot-image.ts'
export {
  type Config,
  type GoogleAddresses,
  type LoadedConfig,
  loadConfig,
  loadConfigWith,
  type Secrets,
} from './config.ts'
export type { ServiceAccountKey } from './service-account-key.ts'
