/**
 * Text for a message: secrets in it are masked, and anything longer than people read is cut. Names in
 * documents from outside can be endless.
 */
export function inMessage(text: string): string {
  const short = withoutSecrets(text).replace(LONG_WORD, (word) => shortened(word, LONGEST_WORD))
  return shortened(short, LONGEST_MESSAGE)
}

/**
 * In characters. A list of a hundred problems has ten thousand; a path, where both ends matter, a few
 * hundred.
 */
const LONGEST_MESSAGE = 16_000
const LONGEST_WORD = 400
const LONG_WORD = new RegExp(`\\S{${LONGEST_WORD + 1},}`, 'g')

/** Both ends of a text, and how much is left out between them. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text
  const end = Math.floor(most / 4)
  const begin = most - end
  return `${text.slice(0, begin)}...(${text.length - most} more)...${text.slice(-end)}`
}

/** All texts in a value, passed through `inMessage`: the facts of an error may be shown as they are. */
export function factsInMessage<T>(value: T, depth = 0): T {
  if (typeof value === 'string') return shortened(withoutSecrets(value), LONGEST_FACT) as T
  if (value === null || typeof value !== 'object' || depth > DEEPEST) return value
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).map(
    ([key, one]) => [key, one, factsInMessage(one, depth + 1)] as const,
  )
  if (entries.every(([, before, after]) => before === after)) return value
  if (Array.isArray(value)) return entries.map(([, , after]) => after) as T
  return Object.fromEntries(entries.map(([key, , after]) => [key, after])) as T
}

/** In characters: longer than the longest path, so that programs get the whole path. */
const LONGEST_FACT = 5000
const DEEPEST = 8

/**
 * A text in which secret keys, which are easily given in the place of public ones, and the secret parts of locations are
 * `***`: the password before a host, and all of a query or fragment, which may hold a signature that gives access (a SAS
 * token). Hosts, paths and names stay.
 */
export function withoutSecrets(text: string): string {
  const masked = text.replace(SECRET_KEY, '$1***')
  if (!/[@?#]/.test(masked)) return masked
  return masked.replace(/\S+/g, (word) => {
    if (!/[@?#]/.test(word)) return word
    return word.length > LONGEST_LOCATION ? beginning(word) : maskedWord(word)
  })
}

/**
 * age's identities (C2SP age.md), and what minisign's secret key files have after their comment: `Ed`, `Sc`
 * or zeros, and `B2`, in base64.
 */
const SECRET_KEY = /(AGE-SECRET-KEY-|RWQAAEIy|RWRTY0Iy)[A-Z0-9+/=-]+/gi

/** In characters. Anything longer is not a location, and takes too long to search. */
const LONGEST_LOCATION = 8000

/** The position up to which nothing in it can be a secret. */
function beginning(word: string): string {
  const known = word.slice(0, word.search(/[:@?#]/))
  return `${known}...(${word.length - known.length} more)`
}

/** Every repetition is bounded, so that the time is linear in the length of the text. */
/** A URL that was treated as a path has lost a slash. */
const SCHEME = '(?:[a-z][a-z0-9+.-]{0,30}://|(?:https?|s?ftps?|ssh|tcp):[\\\\/])'
const ANY_SCHEME = new RegExp(SCHEME, 'i')
const USER = new RegExp(`(${SCHEME})([^\\s/?#"<>]{0,1000})@`, 'gi')
/**
 * A password with a slash in it, which is not allowed in a URL, though people write it anyway. A port is not
 * a password.
 */
const ODD_USER = new RegExp(`(${SCHEME}[^\\s/?#@:[]{1,1000}):(?![0-9]{1,5}(?:[/?#]|$))\\S{0,1000}@`, 'gi')
/**
 * `user:password@host/`, as before a reference. A digest after the `@` is not a host, nor a drive letter a
 * user.
 */
const BARE_USER = /^(['"(]{0,2}[^\s/@:'"(]{1,1000}):(?!\\)[^\s/'"]{1,1000}@(?!sha\d{3}:)(?=[^\s@/]{0,255}\/)/
/** What ends a sentence or a quotation, but not a URL. */
const TRAILING = /[.,;:!?'")\]}`]*$/

function maskedWord(word: string): string {
  const masked = word
    .replace(USER, (_, scheme: string, user: string) => `${scheme}${maskedUser(user, scheme)}@`)
    .replace(ODD_USER, '$1:***@')
    .replace(BARE_USER, '$1:***@')
  const url = masked.search(ANY_SCHEME)
  const query = url < 0 ? -1 : masked.slice(url).search(/[?#]/) + url
  if (query < url || query < 0) return masked
  const hidden = masked.slice(query + 1)
  const after = TRAILING.exec(hidden)?.[0] ?? ''
  return after === hidden ? masked : `${masked.slice(0, query + 1)}***${after}`
}

/** A user without a password may be a token, except in ssh, where it is the account. */
function maskedUser(user: string, scheme: string): string {
  const colon = user.indexOf(':')
  if (colon >= 0) return `${user.slice(0, colon)}:***`
  return /^(ssh|sftp):/i.test(scheme) || user === '' ? user : '***'
}
