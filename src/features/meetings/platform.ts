/** Where meetings take place, in the order in which pages list them. */
export const platforms = ['google_meet', 'teams', 'zoom', 'jitsi', 'sandbox'] as const

export type Platform = (typeof platforms)[number]

const LABELS: Record<Platform, string> = {
  google_meet: 'Google Meet',
  teams: 'Microsoft Teams',
  zoom: 'Zoom',
  jitsi: 'Jitsi',
  sandbox: 'Sandbox room',
}

/** The platform's name as people know it. */
export function platformLabel(platform: Platform): string {
  return LABELS[platform]
}

/** True for the name of a platform, such as one read from the database. */
export function isPlatform(name: string): name is Platform {
  return (platforms as readonly string[]).includes(name)
}
