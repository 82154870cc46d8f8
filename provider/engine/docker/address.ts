import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import { ContainerImageError, hasCode, option, present, show } from '../../../manifests/index.js'
import { readUserFileSync } from '../../io/files/read-user-file.js'
import type { EngineOptions } from '../port/engine.js'

/** Certificates of a connection by TLS, as PEM. */
export interface Certificates {
  ca?: Buffer
  cert?: Buffer
  key?: Buffer
  rejectUnauthorized: boolean
}

/** Where a docker daemon is reached. */
export type DockerAddress = { text: string } & (
  | { kind: 'socket'; socketPath: string }
  | { kind: 'tcp'; host: string; port: number; tls?: Certificates }
  | { kind: 'ssh'; destination: string; port?: string }
)

interface Place {
  address: string
  tls?: Certificates | undefined
}

/**
 * The address that docker's own client would take: the one that is given, DOCKER_HOST, the one of the current
 * context, the default of the platform.
 * @throws USAGE where it is of an unknown kind, ENGINE_UNREACHABLE where a context or certificate is not there
 */
export function dockerAddress(options: EngineOptions, platform = process.platform): DockerAddress {
  const environment = options.environment ?? process.env
  const { address, tls } = placeOf(options.address, environment, platform)
  return parseAddress(address, tls)
}

function placeOf(
  given: string | undefined,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Place {
  const home = environment.DOCKER_CONFIG || path.join(environment.HOME || os.homedir(), '.docker')
  const address = given ?? environment.DOCKER_HOST
  if (address) return { address, tls: tlsOf(environment, home) }
  const context = environment.DOCKER_CONTEXT || currentContext(home)
  if (context !== undefined && context !== 'default') return contextOf(context, home)
  return {
    address: platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock',
  }
}

/** As docker's client: DOCKER_TLS_VERIFY compares with the authority, DOCKER_TLS does not. */
function tlsOf(environment: NodeJS.ProcessEnv, home: string): Certificates | undefined {
  if (!environment.DOCKER_TLS_VERIFY && !environment.DOCKER_TLS) return undefined
  const folder = environment.DOCKER_CERT_PATH || home
  return certificatesIn(folder, Boolean(environment.DOCKER_TLS_VERIFY))
}

function certificatesIn(folder: string, isVerified: boolean): Certificates {
  const certificates: Certificates = { rejectUnauthorized: isVerified }
  for (const part of ['ca', 'cert', 'key'] as const) {
    try {
      certificates[part] = readUserFileSync(path.join(folder, `${part}.pem`))
    } catch (error) {
      if (!hasCode(error, 'PATH_NOT_FOUND')) throw error
    }
  }
  return certificates
}

function currentContext(home: string): string | undefined {
  const settings = readJson(path.join(home, 'config.json')) as { currentContext?: unknown } | undefined
  return typeof settings?.currentContext === 'string' && settings.currentContext !== ''
    ? settings.currentContext
    : undefined
}

/** docker's client keeps a context in a folder whose name is the SHA-256 of the context's. */
function contextOf(name: string, home: string): Place {
  const folder = createHash('sha256').update(name).digest('hex')
  const file = path.join(home, 'contexts', 'meta', folder, 'meta.json')
  const found = readJson(file) as
    | { Endpoints?: { docker?: { Host?: unknown; SkipTLSVerify?: unknown } } }
    | undefined
  const docker = found?.Endpoints?.docker
  if (typeof docker?.Host !== 'string' || docker.Host === '')
    throw new ContainerImageError('ENGINE_UNREACHABLE', `The docker context ${show(name)} says no address.`, {
      side: 'destination',
      expected: `the address of an engine in ${file}`,
      found: 'none',
      remedy: `See \`docker context ls\`, or give the address with ${option('engineAddress')}.`,
    })
  const certificates = certificatesIn(
    path.join(home, 'contexts', 'tls', folder, 'docker'),
    docker.SkipTLSVerify !== true,
  )
  const isSecured = certificates.ca !== undefined || certificates.cert !== undefined
  return { address: docker.Host, tls: isSecured ? certificates : undefined }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readUserFileSync(file).toString('utf8'))
  } catch {
    return undefined
  }
}

function parseAddress(text: string, tls: Certificates | undefined): DockerAddress {
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/s.exec(text) ?? []
  if (scheme === undefined && /[\\/]/.test(text)) return { kind: 'socket', text, socketPath: text }
  if (scheme === 'unix' && rest.startsWith('/')) return { kind: 'socket', text: rest, socketPath: rest }
  // `npipe:////./pipe/name` is the pipe `\\.\pipe\name`.
  if (scheme === 'npipe') return { kind: 'socket', text, socketPath: rest.replaceAll('/', '\\') }
  if (scheme === 'tcp' || scheme === 'http' || scheme === 'https') {
    const secured = tls ?? (scheme === 'https' ? { rejectUnauthorized: true } : undefined)
    const [, host = '', port] = /^\[?([^\]/]+?)\]?(?::(\d+))?\/?$/.exec(rest) ?? []
    if (host !== '' && !host.includes('@'))
      return present({
        kind: 'tcp',
        text,
        host,
        port: Number(port ?? (secured ? 2376 : 2375)),
        tls: secured,
      })
  }
  if (scheme === 'ssh') {
    const [, destination = '', port] = /^((?:[^@/:-][^@/:]*@)?[^@/:-][^@/:]*)(?::(\d+))?\/?$/.exec(rest) ?? []
    if (destination !== '') return { kind: 'ssh', text, destination, port }
  }
  throw new ContainerImageError('USAGE', `${show(text)} is not an address of docker.`, {
    expected: "a socket's path, or unix://, npipe://, tcp:// or ssh:// with one",
    found: show(text),
  })
}
