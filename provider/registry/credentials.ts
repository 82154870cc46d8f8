import path from 'node:path'
import { hasCode } from '../../manifests/index.js'
import { readUserFile } from '../io/files/read-user-file.js'
import type { Credential } from './credential.js'
import { askHelper, DOCKER_HUB_KEY, isHelperName } from './credential-helper.js'
import { isDockerHub } from './endpoints.js'

/** docker's config.json; podman's auth.json has the same form. */
interface AuthFile {
  path: string
  auths: Record<string, unknown>
  credHelpers: Record<string, unknown>
  credsStore: string | undefined
}

/**
 * The credentials that docker and podman keep. The files are read when a registry first asks for credentials,
 * and each registry's are looked up once.
 */
export class Credentials {
  private files: Promise<AuthFile[]> | undefined
  private readonly found = new Map<string, Promise<Credential | undefined>>()
  /** Registries whose credentials a token service did not get, as nothing shows that it belongs to them. */
  readonly withheld = new Set<string>()

  constructor(
    readonly environment: NodeJS.ProcessEnv,
    readonly configFile: string | undefined,
    readonly note: (message: string) => void,
    /** Given for this run only, for one registry; takes precedence over what is stored. */
    readonly login?: { registry: string; username: string; password: string },
    /** By registry: the token service that may get its credentials, as the user has said. */
    readonly realms: Readonly<Record<string, string>> = {},
  ) {}

  /** The token service that the user has named for a registry. */
  realmOf(registry: string): URL | undefined {
    const named = keysOf(registry).map((key) => this.realms[key])
    const text = named.find((one) => one !== undefined)
    return text !== undefined && URL.canParse(text) ? new URL(text) : undefined
  }

  /**
   * @param registry host[:port], or a name of Docker Hub
   * @param repository for files that keep credentials per path
   */
  async of(registry: string, repository?: string): Promise<Credential | undefined> {
    const { login } = this
    if (!login || !keysOf(login.registry).includes(registry)) return this.kept(registry, repository)
    return { kind: 'password', username: login.username, password: login.password }
  }

  /** The same, but only what docker and podman keep. */
  kept(registry: string, repository?: string): Promise<Credential | undefined> {
    const key = `${registry}/${repository ?? ''}`
    let found = this.found.get(key)
    if (!found) {
      found = this.find(registry, repository)
      this.found.set(key, found)
    }
    return found
  }

  private async find(registry: string, repository: string | undefined): Promise<Credential | undefined> {
    this.files ??= this.read()
    for (const file of await this.files) {
      const credential =
        (await this.fromHelper(file, registry)) ?? fromAuths(file, registry, repository, this.note)
      if (credential) return credential
    }
    return undefined
  }

  private async fromHelper(file: AuthFile, registry: string): Promise<Credential | undefined> {
    const byKey = byNormalKey(file.credHelpers)
    const own = keysOf(registry).map((key) => byKey.get(key.toLowerCase()))
    const name = own.find((value) => typeof value === 'string') ?? file.credsStore
    if (typeof name !== 'string' || name === '') return undefined
    if (!isHelperName(name)) {
      this.note(`${file.path} names an invalid credential helper; it is not run.`)
      return undefined
    }
    return askHelper(name, isDockerHub(registry) ? DOCKER_HUB_KEY : registry, this.environment, this.note)
  }

  private async read(): Promise<AuthFile[]> {
    const files: AuthFile[] = []
    for (const file of this.configFile ? [this.configFile] : authFiles(this.environment)) {
      const read = await readAuthFile(file, this.note)
      if (read) files.push(read)
    }
    return files
  }
}

/** Where podman and docker keep credentials, in the order in which podman looks. */
export function authFiles(environment: NodeJS.ProcessEnv): string[] {
  const home = environment.HOME || environment.USERPROFILE
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = environment
  const config = XDG_CONFIG_HOME || (home && path.join(home, '.config'))
  return [
    REGISTRY_AUTH_FILE,
    XDG_RUNTIME_DIR && path.join(XDG_RUNTIME_DIR, 'containers', 'auth.json'),
    config && path.join(config, 'containers', 'auth.json'),
    dockerConfigFile(environment),
  ].filter((file): file is string => Boolean(file))
}

/** docker's own file; undefined if there is no home folder. */
export function dockerConfigFile({
  DOCKER_CONFIG,
  HOME,
  USERPROFILE,
}: NodeJS.ProcessEnv): string | undefined {
  const home = HOME || USERPROFILE
  const folder = DOCKER_CONFIG || (home && path.join(home, '.docker'))
  return folder ? path.join(folder, 'config.json') : undefined
}

async function readAuthFile(file: string, note: (message: string) => void): Promise<AuthFile | undefined> {
  try {
    const value = asObject(JSON.parse((await readUserFile(file)).toString('utf8')))
    return {
      path: file,
      auths: asObject(value.auths),
      credHelpers: asObject(value.credHelpers),
      credsStore: typeof value.credsStore === 'string' ? value.credsStore : undefined,
    }
  } catch (error) {
    // Nothing of the file is shown: what a parser complains about may be a password.
    if (!hasCode(error, 'PATH_NOT_FOUND'))
      note(`${file} cannot be read as a file of credentials; it is skipped.`)
    return undefined
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

/** The entry with the longest path that the repository lies below (containers-auth.json(5)). */
function fromAuths(
  { path: file, auths }: AuthFile,
  registry: string,
  repository: string | undefined,
  note: (message: string) => void,
): Credential | undefined {
  const byKey = byNormalKey(auths)
  for (const place of placesOf(registry, repository)) {
    const entry = asObject(byKey.get(place))
    const credential = parseEntry(entry)
    if (credential) return credential
    // Without any, a helper has them. Nothing of it is shown: it may be a password.
    if (typeof entry.auth === 'string' && entry.auth !== '')
      note(
        `${file} has credentials for ${place} that are no user and password in base64; they are passed over.`,
      )
  }
  return undefined
}

function placesOf(registry: string, repository: string | undefined): string[] {
  const parts = repository?.split('/') ?? []
  const paths = parts.map((_, i) => parts.slice(0, parts.length - i).join('/'))
  return [...paths, ''].flatMap((p) => keysOf(registry).map((key) => (p ? `${key}/${p}` : key)))
}

/** The names under which a registry's credentials may be kept. */
export function keysOf(registry: string): string[] {
  return isDockerHub(registry) ? ['docker.io', 'index.docker.io', 'registry-1.docker.io'] : [registry]
}

function byNormalKey(entries: Record<string, unknown>): Map<string, unknown> {
  return new Map(Object.entries(entries).map(([key, entry]) => [normalKey(key), entry]))
}

/** docker once wrote URLs with the API's version; only that is cut off, a longer path is part of the key. */
export function normalKey(key: string): string {
  return key
    .replace(/^https?:\/\//i, '')
    .replace(/\/(v1|v2)?\/?$/, '')
    .toLowerCase()
}

function parseEntry(entry: Record<string, unknown>): Credential | undefined {
  const text = (key: string) => (typeof entry[key] === 'string' ? (entry[key] as string) : '')
  if (text('identitytoken')) return { kind: 'identity', token: text('identitytoken') }
  if (text('registrytoken')) return { kind: 'bearer', token: text('registrytoken') }
  const pair = text('auth') ? Buffer.from(text('auth'), 'base64').toString('utf8') : ''
  const colon = pair.indexOf(':')
  // A NUL at the end was written by old versions of docker.
  const username = colon > 0 ? pair.slice(0, colon) : text('username')
  const password = colon > 0 ? pair.slice(colon + 1).replace(/\0+$/, '') : text('password')
  return username && password ? { kind: 'password', username, password } : undefined
}
