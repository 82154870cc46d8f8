import { hasCode } from '../../manifests/index.js'
import type { Access } from './access.js'
import type { Allowances } from './allowance.js'
import { basicHeader } from './basic-header.js'
import { type Challenge, parseChallenges } from './challenge.js'
import type { Courier } from './courier.js'
import type { Credentials } from './credentials.js'
import { type HttpAnswer, header } from './http.js'
import { checkRealm } from './realm.js'
import { pause } from './retry.js'
import { requestToken } from './token.js'

interface Kept {
  header: string
  /** In milliseconds since 1970. */
  until: number
}

/**
 * What goes into the Authorization header. Tokens are for one repository and one set of actions, kept in
 * memory only, and for the registry's own origin only.
 */
export class Authorization {
  private readonly kept = new Map<string, Kept>()
  private readonly underWay = new Map<string, Promise<string | undefined>>()

  constructor(
    readonly courier: Courier,
    readonly credentials: Credentials,
    readonly allowances: Allowances,
  ) {}

  /** The header that worked before, if it is still good. */
  known(access: Access): string | undefined {
    const kept = this.kept.get(keyOf(access))
    return kept && kept.until > Date.now() ? kept.header : undefined
  }

  /** Whether there are credentials that the registry was, or would be, given. */
  async hasCredentials(access: Access): Promise<boolean> {
    return (await this.credentials.of(access.registry, access.repository)) !== undefined
  }

  /**
   * A new header after a 401; undefined if there is nothing left to try.
   * @param used the header that was refused
   * @throws UNAUTHORIZED if the token service refuses, REDIRECT_REFUSED for a realm that is not asked
   */
  async renew(access: Access, answer: HttpAnswer, used: string | undefined): Promise<string | undefined> {
    const known = this.known(access)
    // Another request was refused at the same time and has already got a new one.
    if (known !== undefined && known !== used) return known
    const key = keyOf(access)
    const renewal = this.underWay.get(key) ?? this.answer(access, answer, used)
    this.underWay.set(key, renewal)
    try {
      return await renewal
    } catch (error) {
      // The request that asked first was stopped; that does not stop this one.
      if (hasCode(error, 'INTERRUPTED') && !access.signal?.aborted) return this.renew(access, answer, used)
      throw error
    } finally {
      if (this.underWay.get(key) === renewal) this.underWay.delete(key)
    }
  }

  private async answer(
    access: Access,
    answer: HttpAnswer,
    used: string | undefined,
  ): Promise<string | undefined> {
    this.kept.delete(keyOf(access))
    const challenges = parseChallenges(header(answer, 'www-authenticate') ?? '')
    const bearer = challenges.find((challenge) => challenge.scheme === 'bearer')
    const basic = challenges.find((challenge) => challenge.scheme === 'basic')
    const kept = bearer
      ? await this.freshToken(access, bearer, isTokenOver(answer) ? used : undefined)
      : basic
        ? await this.basic(access)
        : undefined
    // The same again would only be refused again.
    if (!kept || kept.header === used) return undefined
    this.kept.set(keyOf(access), kept)
    return kept.header
  }

  private async basic(access: Access): Promise<Kept | undefined> {
    const credential = await this.credentials.of(access.registry, access.repository)
    if (credential?.kind === 'bearer') return forever(`Bearer ${credential.token}`)
    return credential?.kind === 'password' ? forever(basicHeader(credential)) : undefined
  }

  /**
   * A service that caches its answers may give out an expired token: it is asked again, a little later each
   * time.
   * @param over the header with the token that the registry calls expired
   */
  private async freshToken(
    access: Access,
    bearer: Challenge,
    over: string | undefined,
  ): Promise<Kept | undefined> {
    let kept = await this.token(access, bearer)
    for (const wait of BEFORE_ASKING_AGAIN) {
      if (!kept || kept.header !== over || kept.until === Number.POSITIVE_INFINITY) break
      await pause(wait, access.signal)
      kept = await this.token(access, bearer)
    }
    return kept
  }

  private async token(access: Access, challenge: Challenge): Promise<Kept | undefined> {
    const own = await this.credentials.of(access.registry, access.repository)
    if (own?.kind === 'bearer') return forever(`Bearer ${own.token}`)
    const realm = checkRealm(challenge.parameters.get('realm'), access.origin)
    const wish = {
      realm,
      service: challenge.parameters.get('service'),
      scopes: scopesOf(access, challenge.parameters.get('scope')),
    }
    const run = {
      subject: `a token for ${access.registry}`,
      signal: access.signal,
    }
    const token = await this.allowances.within('token', realm.host, run, ({ allowance }) =>
      requestToken(this.courier, this.credentials, access, wish, allowance),
    )
    return { header: `Bearer ${token.token}`, until: token.until }
  }
}

/** In milliseconds: about two seconds in total. */
const BEFORE_ASKING_AGAIN = [150, 300, 600, 1000]

/** RFC 6750 section 3.1: the token "is expired, revoked, malformed, or invalid for other reasons". */
export function isTokenOver(answer: HttpAnswer): boolean {
  const challenges = parseChallenges(header(answer, 'www-authenticate') ?? '')
  return challenges.some(({ parameters }) => parameters.get('error') === 'invalid_token')
}

function keyOf(access: Access): string {
  return `${access.origin.origin} ${access.registry} ${access.repository ?? ''} ${access.actions} ${access.mountFrom ?? ''}`
}

function forever(value: string): Kept {
  return { header: value, until: Number.POSITIVE_INFINITY }
}

/**
 * The scopes to ask a token for. A registry names its own repositories as it likes (one behind a gateway has
 * another path inside), but it gets no token for more actions than are needed, whatever it asks for.
 */
function scopesOf(access: Access, asked: string | undefined): string[] {
  if (access.repository === undefined) return asked === undefined ? [] : [asked]
  const name = /^repository:([^\s:]+(?::[0-9]+\/[^\s:]+)?):[a-z*,]*$/.exec(asked ?? '')?.[1]
  const own = `repository:${name ?? access.repository}:${access.actions}`
  return access.mountFrom === undefined ? [own] : [own, `repository:${access.mountFrom}:pull`]
}
