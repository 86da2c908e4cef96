/** What invitations call a passcode, in the languages of those that the platforms write. */
const LABELS =
  'meeting passcode|passcode|pass code|meeting password|password|kenncode|kennwort|passwort|zugangscode|code secret|mot de passe|code d’accès|' +
  "code d'accès|código de acceso|contraseña|clave de acceso|senha(?: de acesso)?|código de acesso|passcode di accesso|codice di accesso|" +
  'toegangscode|wachtwoord|kod dostępu|hasło|lösenord|adgangskode|adgangskod|passord|salasana|tunnuskoodi|heslo|jelszó|parolă|şifre|parola|' +
  'код доступа|пароль|密码|密碼|会议密码|パスコード|パスワード|암호|비밀번호'
/** Not what is dialled or belongs to something else. */
const OTHER = /(?:phone|dial-?in|numeric|audio|host|telefon|tel\.?|wifi|wi-fi|wlan|guest network)\s*$/iu
const PASSCODE = new RegExp(
  `(?<!\\p{L})(?:${LABELS})\\s{0,20}(?:\\([^()]{0,30}\\)\\s{0,20})?[:：=]\\s{0,20}([^\\s<>"“”,;，；]{3,24})`,
  'giu',
)
const VALUE = /^[A-Za-z0-9@*_!#$%^&+=~-]{3,20}$/
const NO_VALUE = /^(?:none|not|n\/?a|see|required|keins?|aucun|ninguna)$/i

const NUMBER_LABELS =
  'meeting[ -]?id|webinar[ -]?id|meeting (?:number|code)|besprechungs-?id|meeting-id|id de (?:la )?reuni[óo]n|id (?:de )?réunion|id riunione|' +
  'vergadering(?:s)?-?id|id da reunião|identyfikator spotkania|mötes-?id|møde-?id|会议号|会议 ?id|ミーティング ?id|회의 ?id|идентификатор конференции'
const NUMBER = new RegExp(
  `(?:${NUMBER_LABELS})\\s{0,20}(?:\\([^()]{0,30}\\)\\s{0,20})?[:：]?\\s{0,20}(\\d[\\d  -]{7,20}\\d)(?!\\d)`,
  'giu',
)
/** What a telephone is to dial at once: `+16465588656,,81234567890#`. */
const ONE_TAP = /,,(\d{9,12})#/
/** So far behind its meeting's number a passcode still belongs to it. */
const REACH = 300

/**
 * The passcode that stands in words in a text for the meeting of this number: the one behind that number, else the only one there is. Null if
 * there is none or it is not clear which.
 */
export function findPasscode(texts: readonly string[], number: string): string | null {
  const all = texts.flatMap((text) => passcodesIn(text))
  const numbers = texts.map((text) => [...text.matchAll(NUMBER)])
  for (const [i, text] of texts.entries()) {
    for (const match of numbers[i] ?? []) {
      if (digitsOf(match[1]) !== number) continue
      const end = match.index + match[0].length
      const next =
        numbers[i]?.find((other) => other.index >= end && digitsOf(other[1]) !== number)?.index ?? text.length
      const [own] = passcodesIn(text.slice(end, Math.min(next, end + REACH)))
      if (own !== undefined) return own
    }
  }
  const isOthers = numbers.flat().some((match) => digitsOf(match[1]) !== number)
  return !isOthers && new Set(all).size === 1 ? (all[0] ?? null) : null
}

/** Whether a text gives people a meeting's number to type or to dial. */
export function namesNumberOnly(texts: readonly string[]): boolean {
  return texts.some((text) => ONE_TAP.test(text) || [...text.matchAll(NUMBER)].length > 0)
}

function passcodesIn(text: string): string[] {
  return [...text.matchAll(PASSCODE)].flatMap((match) => {
    const value = (match[1] ?? '').replace(/[.)\]]+$/, '')
    const before = text.slice(Math.max(0, match.index - 20), match.index)
    return VALUE.test(value) && !NO_VALUE.test(value) && !OTHER.test(before) ? [value] : []
  })
}

function digitsOf(text: string | undefined): string {
  return (text ?? '').replace(/\D/g, '')
}
