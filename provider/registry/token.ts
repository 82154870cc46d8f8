import { ContainerImageError, command, present } from '../../manifests/index.js'
import { shallowJson } from '../../manifests/json-structure.js'
import type { Access } from './access.js'
import type { Allowance } from './allowance.js'
import { answerError } from './answer-error.js'
import { basicHeader } from './basic-header.js'
import { AS_IT_IS } from './content-encoding.js'
import type { Courier } from './courier.js'
import type { Credential } from './credential.js'
import type { Credentials } from './credentials.js'
import type { HttpAnswer, HttpRequest } from './http.js'
import { isForPeople, pageForPeople } from './page-for-people.js'
import { belongsTogether } from './realm.js'

/** In bytes. Tokens with many claims have some kilobytes. */
const ANSWER_LIMIT = 1024 * 1024

/**
 * In seconds. No token should have a shorter life (distribution's token specification); one that does is
 * renewed.
 */
const LEAST_LIFE = 60

/** In milliseconds: a token is no longer used this shortly before it expires. */
const MARGIN = 5_000

export interface TokenWish {
  realm: URL
  service: string | undefined
  scopes: string[]
}

export interface Token {
  token: string
  /** In milliseconds since 1970. */
  until: number
}

/**
 * Asks a token service for a token: with a refresh token by POST, as OAuth2 has it, otherwise by GET, with
 * user and password or as nobody.
 * @throws UNAUTHORIZED, REGISTRY_ERROR, and what the connection throws
 */
export async function requestToken(
  courier: Courier,
  credentials: Credentials,
  access: Access,
  wish: TokenWish,
  allowance: Allowance,
): Promise<Token> {
  const credential = await credentialFor(courier, credentials, access, wish.realm)
  const request = credential?.kind === 'identity' ? oauth2(wish, credential.token) : plain(wish, credential)
  const http: HttpRequest = {
    ...request,
    // A public registry has no business with token services inside a private network.
    reach: courier.transport.isPrivate(access.origin) ? 'anywhere' : 'public',
    allowance,
    signal: allowance.signal,
  }
  const get = () => courier.patiently(http, () => courier.send(http, { insecure: false }))
  return courier.receive(
    get,
    (answer) => takeToken(answer, access, credential !== undefined),
    allowance.signal,
  )
}

async function takeToken(answer: HttpAnswer, access: Access, withCredentials: boolean): Promise<Token> {
  if (answer.status === 200) return parseToken(answer, access.registry)
  if (answer.status === 400 || answer.status === 401 || answer.status === 403)
    throw await refused(answer, access.registry, withCredentials)
  throw await answerError(answer, { subject: `a token for ${access.registry}` })
}

/** The registry's own credentials if the realm belongs to it, otherwise those stored for the realm's host. */
async function credentialFor(
  courier: Courier,
  credentials: Credentials,
  access: Access,
  realm: URL,
): Promise<Credential | undefined> {
  const own = await credentials.of(access.registry, access.repository)
  if (belongsTogether(realm, access.origin, credentials.realmOf(access.registry))) return own
  // What was given for one registry is not for a token service that another one names.
  const foreign = await credentials.kept(realm.host)
  if (own) credentials.withheld.add(access.registry)
  if (own && !foreign)
    courier.note(
      `The credentials for ${access.registry} are not sent to its token service at ${realm.host}, ` +
        `of which nothing shows that it belongs to it. If they are meant for it: ${command('config', 'set', `registries.${access.registry}.realm`, realm.origin)}, or keep credentials for that host too.`,
    )
  return foreign
}

function plain(
  wish: TokenWish,
  credential: Credential | undefined,
): Pick<HttpRequest, 'method' | 'url' | 'headers'> {
  const url = new URL(wish.realm)
  if (wish.service !== undefined) url.searchParams.set('service', wish.service)
  for (const scope of wish.scopes) url.searchParams.append('scope', scope)
  const headers: Record<string, string> = {
    'user-agent': 'containerimage',
    ...AS_IT_IS,
    accept: 'application/json',
  }
  if (credential?.kind === 'password') headers.authorization = basicHeader(credential)
  return { method: 'GET', url, headers }
}

function oauth2(
  wish: TokenWish,
  refreshToken: string,
): Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'containerimage',
    refresh_token: refreshToken,
    ...present({ service: wish.service, scope: wish.scopes.join(' ') || undefined }),
  })
  return {
    method: 'POST',
    url: wish.realm,
    headers: {
      'user-agent': 'containerimage',
      ...AS_IT_IS,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
  }
}

async function parseToken(answer: HttpAnswer, registry: string): Promise<Token> {
  const bytes = await answer.body.bytes(ANSWER_LIMIT, () => noToken(answer))
  if (isForPeople(answer, bytes))
    throw pageForPeople(answer, `a token for ${registry}`, 'JSON with a token', 'REGISTRY_ERROR')
  let value: Record<string, unknown>
  try {
    value = { ...(shallowJson(bytes.toString('utf8')) as object) }
  } catch {
    throw noToken(answer)
  }
  const token = [value.token, value.access_token].find((text) => typeof text === 'string' && text !== '')
  // A text that goes into a header must not be able to end it.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw noToken(answer)
  const said = typeof value.expires_in === 'number' ? value.expires_in : 0
  return { token, until: Date.now() + Math.max(said, LEAST_LIFE) * 1000 - MARGIN }
}

function noToken(answer: HttpAnswer): ContainerImageError {
  return new ContainerImageError('REGISTRY_ERROR', `The token service ${answer.url.host} gives no token.`, {
    side: 'source',
    expected: 'JSON with a token',
    found: 'something else',
  })
}

async function refused(
  answer: HttpAnswer,
  registry: string,
  withCredentials: boolean,
): Promise<ContainerImageError> {
  await answer.body.discard()
  const what = withCredentials
    ? `The token service ${answer.url.host} refuses the credentials for ${registry}.`
    : `The token service ${answer.url.host} wants credentials for ${registry}.`
  return new ContainerImageError('UNAUTHORIZED', what, { side: 'source', found: `status ${answer.status}` })
}
