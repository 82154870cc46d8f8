import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Htpasswd } from './htpasswd.js'
import type { Passwords } from './passwords.js'
import { Refusal } from './refusal.js'

/** A user's hash and the credentials that fitted it. */
interface Accepted {
  hash: string
  proof: Buffer
}

/** Users that are remembered, and wrong credentials. */
const MOST_REMEMBERED = 1000

/** The rest of a bcrypt hash, after the kind and the cost, for a password that nobody has. */
const NOBODY = '3J/VHO9YIysL1Vija2T7yO.5w2byHnh50UX7ZGDat6P6HAV9QB1J.'

/** No password that bcrypt tells apart is longer: it looks at 72 bytes. */
const LONGEST_HEADER = 1024

/**
 * HTTP Basic authentication (RFC 7617) against an htpasswd file. Credentials that were compared once are
 * remembered as a keyed hash, so that bcrypt is not run for each request, and no password stays in memory.
 */
export class Authorization {
  private readonly key = randomBytes(32)
  private readonly accepted = new Map<string, Accepted>()
  /** Keyed hashes of credentials that were wrong, with the hash that they were compared with. */
  private readonly refused = new Map<string, string>()

  constructor(
    private readonly htpasswd: Htpasswd,
    private readonly passwords: Passwords,
  ) {}

  /**
   * The name of the user whose credentials a request has.
   * @throws Refusal
   */
  async userOf(header: string | undefined): Promise<string> {
    const given = credentialsIn(header)
    if (!given) throw unauthorized('Credentials are needed.')
    const known = await this.htpasswd.hashOf(given.name)
    // A name that is not there takes as long as one that is.
    const hash = known ?? `$2b$${this.htpasswd.cost}$${NOBODY}`
    const proof = createHmac('sha256', this.key).update(`${given.name}\0${given.password}`).digest()
    const accepted = this.accepted.get(given.name)
    if (accepted && accepted.hash === known && timingSafeEqual(accepted.proof, proof)) return given.name
    const wrong = proof.toString('base64')
    if (this.refused.get(wrong) === hash) throw unauthorized('The credentials are wrong.')
    if (this.passwords.isOverrun)
      throw new Refusal(429, 'TOOMANYREQUESTS', 'Too many passwords are being tried.', { 'Retry-After': '5' })
    const isRight = await this.passwords.compare(given.password, hash)
    if (!isRight || known === undefined) {
      remember(this.refused, wrong, hash)
      throw unauthorized('The credentials are wrong.')
    }
    remember(this.accepted, given.name, { hash, proof })
    return given.name
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= MOST_REMEMBERED) return
    map.delete(oldest)
  }
}

function credentialsIn(header: string | undefined): { name: string; password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/_-]+=*)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined || encoded.length > LONGEST_HEADER) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

function unauthorized(message: string): Refusal {
  return new Refusal(401, 'UNAUTHORIZED', message, {
    'WWW-Authenticate': 'Basic realm="containerimage", charset="UTF-8"',
  })
}
