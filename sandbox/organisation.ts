/** Somebody of the pretend organisation or of its partners. */
export interface Person {
  name: string
  email: string
}

/** Somebody who has a calendar here. */
export interface Colleague extends Person {
  /** The zone in which this person's calendar is kept. */
  timeZone: string
  /** Where it is kept: in the organisation's Google, or as a file at an address. */
  provider: 'google' | 'ics'
}

/** The zone in which the organisation lives: "at nine" means nine here. */
export const companyTimeZone = 'Europe/Berlin'

// The names are invented; the domains are reserved for examples and belong to nobody (RFC 2606).
export const companyName = 'Example Lampworks GmbH'
export const companyDomain = 'example.com'

export const amara = colleague('Amara Okonjo-Reyes', 'amara.okonjo')
export const benedict = colleague('Benedict Marsh', 'benedict.marsh', 'Europe/London')
export const juergen = colleague('Jürgen Weißhäupl', 'juergen.weisshaeupl')
export const kenji = colleague('Kenji Moriyama', 'kenji.moriyama', 'Asia/Tokyo')
export const layla = colleague('ليلى منصور', 'layla.mansour')
// Two work from elsewhere, with calendar programs of their own.
export const rosa = colleague('Rosa Delgado', 'rosa.delgado', 'America/Sao_Paulo', 'ics')
export const sebnem = colleague('Şebnem Yıldızoğlu', 'sebnem.yildizoglu', companyTimeZone, 'ics')
export const tomasz = colleague('Tomasz Zielny', 'tomasz.zielny')

/** Everybody with a calendar, by address. */
export const colleagues: readonly Colleague[] = [amara, benedict, juergen, kenji, layla, rosa, sebnem, tomasz]

export const hanna: Person = { name: 'Hanna Virtala', email: 'hanna.virtala@example.org' }
export const omar: Person = { name: 'Omar Siddiq', email: 'omar.siddiq@example.org' }

/** People elsewhere who invite and are invited. They have Google accounts of their own, which the organisation does not see. */
export const partners: readonly Person[] = [hanna, omar]

/** A room of bricks, which calendars list like a person who always accepts. */
export const prismRoom: Person = { name: 'Prism (6 seats, 2nd floor)', email: 'room-prism@example.com' }

/** The person behind an address; a stranger is called by it. */
export function personOf(email: string): Person {
  return [...colleagues, ...partners].find((person) => person.email === email) ?? { name: email, email }
}

function colleague(
  name: string,
  mailbox: string,
  timeZone = companyTimeZone,
  provider: Colleague['provider'] = 'google',
): Colleague {
  return { name, email: `${mailbox}@${companyDomain}`, timeZone, provider }
}
