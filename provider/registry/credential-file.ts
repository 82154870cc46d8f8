import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, hasCode, inUtf8, LIMITS } from '../../manifests/index.js'
import { makeFolder, replaceFile } from '../io/files/durable.js'
import { takeLock } from '../io/files/lock.js'
import { readDocument } from '../io/files/read-document.js'
import { changeInHelper, DOCKER_HUB_KEY, isHelperName } from './credential-helper.js'
import { authFiles, dockerConfigFile, keysOf, normalKey } from './credentials.js'
import { isDockerHub } from './endpoints.js'

/** Where credentials are kept: docker's file, or the helper that it names. */
export interface CredentialPlace {
  file: string
  /** `pass`, of the program docker-credential-pass. */
  helper?: string
}

type Document = Record<string, unknown>

/**
 * Stores credentials for a registry where docker does: with the helper that its config.json names for the
 * registry or for all, or else in that file, which nobody else may read. Everything else in the file stays.
 * @throws SETTINGS_UNREADABLE, CREDENTIALS_NOT_KEPT, PROGRAM_MISSING
 */
export async function keepCredentials(
  registry: string,
  login: { username: string; password: string },
  environment: NodeJS.ProcessEnv,
): Promise<CredentialPlace> {
  return await changed(environment, async (document, file) => {
    const helper = helperFor(document, registry, file)
    const key = keyOf(registry)
    if (helper !== undefined) await changeInHelper(helper, { server: key, keep: login }, environment)
    const auth = Buffer.from(`${login.username}:${login.password}`, 'utf8').toString('base64')
    // What docker leaves in the file if a helper has the secret.
    const entry = helper === undefined ? { auth } : {}
    document.auths = { ...withoutRegistry(document.auths, registry), [key]: entry }
    return { isChanged: true, result: { file, ...(helper === undefined ? {} : { helper }) } }
  })
}

/**
 * Forgets them there.
 * @returns undefined if there were none
 * @throws SETTINGS_UNREADABLE, CREDENTIALS_NOT_KEPT, PROGRAM_MISSING
 */
export async function forgetCredentials(
  registry: string,
  environment: NodeJS.ProcessEnv,
): Promise<CredentialPlace | undefined> {
  return await changed(environment, async (document, file) => {
    const helper = helperFor(document, registry, file)
    if (helper !== undefined) await changeInHelper(helper, { server: keyOf(registry) }, environment)
    const auths = withoutRegistry(document.auths, registry)
    const had = Object.keys(auths).length < Object.keys(asObject(document.auths)).length
    if (had) document.auths = auths
    const result = { file, ...(helper === undefined ? {} : { helper }) }
    return { isChanged: had, result: had || helper !== undefined ? result : undefined }
  })
}

/** Files other than docker's that have credentials for a registry, and are read before it. */
export async function othersWith(registry: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const own = dockerConfigFile(environment)
  const found: string[] = []
  for (const file of authFiles(environment).filter((one) => one !== own)) {
    const document = await documentIn(file).catch(() => undefined)
    const auths = asObject(document?.auths)
    if (Object.keys(withoutRegistry(auths, registry)).length < Object.keys(auths).length) found.push(file)
  }
  return found
}

/** Reads docker's file, has it changed, and replaces it in one step, one process after the other. */
async function changed<T>(
  environment: NodeJS.ProcessEnv,
  change: (document: Document, file: string) => Promise<{ isChanged: boolean; result: T }>,
): Promise<T> {
  const named = dockerConfigFile(environment)
  if (named === undefined)
    throw new ContainerImageError('SETTINGS_UNREADABLE', 'There is no home folder to keep credentials in.', {
      expected: 'HOME or DOCKER_CONFIG',
      found: 'neither',
      remedy: 'Set DOCKER_CONFIG to the folder that docker uses.',
    })
  await makeFolder(path.dirname(named), 0o700)
  const lock = await takeLock(`${named}.lock`)
  try {
    // Some keep it elsewhere, and have a link here.
    const file = await realpath(named).catch(() => named)
    const document = (await documentIn(file)) ?? {}
    const { isChanged, result } = await change(document, named)
    if (isChanged)
      await replaceFile(file, Buffer.from(`${JSON.stringify(document, undefined, '\t')}\n`), {
        mode: 0o600,
        lock,
      })
    return result
  } finally {
    await lock.release()
  }
}

/**
 * Undefined if there is no such file.
 * @throws SETTINGS_UNREADABLE for one that cannot be changed safely
 */
async function documentIn(file: string): Promise<Document | undefined> {
  let bytes: Buffer
  try {
    bytes = await readDocument(file, LIMITS.userFileBytes)
  } catch (error) {
    if (hasCode(error, 'PATH_NOT_FOUND')) return undefined
    throw error
  }
  if (bytes.length === 0) return undefined
  try {
    const document: unknown = JSON.parse(inUtf8(bytes).toString('utf8'))
    if (document !== null && typeof document === 'object' && !Array.isArray(document))
      return document as Document
  } catch {
    // What the parser complains about may be a password.
  }
  throw new ContainerImageError('SETTINGS_UNREADABLE', `${file} is not a file of docker's settings.`, {
    side: 'destination',
    expected: 'JSON with an object',
    found: 'something else',
    remedy: 'Repair the file, or move it away; it was not touched.',
  })
}

function helperFor(
  { credHelpers, credsStore }: Document,
  registry: string,
  file: string,
): string | undefined {
  const keys = new Set([...keysOf(registry), normalKey(keyOf(registry))])
  const own = Object.entries(asObject(credHelpers)).find(([key]) => keys.has(normalKey(key)))?.[1]
  const name = typeof own === 'string' && own !== '' ? own : credsStore
  if (typeof name !== 'string' || name === '') return undefined
  if (isHelperName(name)) return name
  throw new ContainerImageError(
    'SETTINGS_UNREADABLE',
    `${file} names a credential helper that cannot be one.`,
    {
      side: 'destination',
      expected: 'the part of its name after docker-credential-',
      found: 'other characters',
    },
  )
}

/** Also without the other spellings that a registry's name has had. */
function withoutRegistry(auths: unknown, registry: string): Document {
  const keys = new Set(keysOf(registry))
  return Object.fromEntries(Object.entries(asObject(auths)).filter(([key]) => !keys.has(normalKey(key))))
}

function keyOf(registry: string): string {
  return isDockerHub(registry) ? DOCKER_HUB_KEY : registry
}

function asObject(value: unknown): Document {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Document) : {}
}
