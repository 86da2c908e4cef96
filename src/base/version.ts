/** The version of this program; `npm run check` compares it with package.json. */
export const VERSION = '0.1.0'
/** The name of this program, as the files that it writes say who made them. */
export const PROGRAM_NAME = 'Rapporteur'
