import path from 'node:path'
import { ContainerImageError, parseReference, show } from '../../../manifests/index.js'
import type { MirrorSetting, RegistryMirrors } from '../../registry/mirror-setting.js'
import { parseMirrorUrl } from '../../registry/mirror-url.js'
import { EVERY_REGISTRY } from '../../registry/mirrors.js'
import { Settings } from '../../session/settings/settings.js'

/** What `config set mirrors.<registry>` takes. */
export interface NewMirrors {
  /** host[:port], `docker.io`, or `*` for all registries that have no mirrors of their own. */
  registry: string
  /** URLs of mirrors; an empty list removes the registry's mirrors. */
  urls: string[]
  /** Options for each of these URLs. */
  options?: Omit<MirrorSetting, 'url'> | undefined
  /** Keep the existing mirrors, and ask these after them. */
  append?: boolean | undefined
  /** False: never ask the registry itself. Default: true, or unchanged with `append`. */
  upstream?: boolean | undefined
}

/** The mirrors of a registry; undefined if it has none. @throws INVALID_REFERENCE */
export async function getMirrors(registry: string): Promise<RegistryMirrors | undefined> {
  return (await listMirrors())[mirrorKey(registry)]
}

/** The mirrors of every registry that has any. */
export async function listMirrors(): Promise<Record<string, RegistryMirrors>> {
  return (await Settings.read()).get('mirrors') ?? {}
}

/**
 * Sets, extends or removes the mirrors of a registry; they are not contacted yet.
 * @throws INVALID_REFERENCE, SOURCE_INVALID, SOURCE_INSECURE, SETTINGS_READ_ONLY
 */
export async function setMirrors(wanted: NewMirrors): Promise<RegistryMirrors | undefined> {
  const key = mirrorKey(wanted.registry)
  const settings = await Settings.change()
  const { [key]: before, ...others } = settings.get('mirrors') ?? {}
  const changed = changedMirrors(wanted, before)
  const all = changed ? { ...others, [key]: changed } : others
  await settings.set('mirrors', Object.keys(all).length > 0 ? all : undefined)
  return changed
}

/** The mirrors to keep, checked. @throws SOURCE_INVALID, SOURCE_INSECURE */
function changedMirrors(
  wanted: NewMirrors,
  before: RegistryMirrors | undefined,
): RegistryMirrors | undefined {
  const { urls, options = {}, append, upstream = append ? before?.upstream : undefined } = wanted
  const added = urls.map((url) => checked({ url, ...options }))
  const endpoints = [...(append ? (before?.endpoints ?? []) : []), ...added]
  if (endpoints.length === 0) return undefined
  return { endpoints, upstream: upstream === false ? false : undefined }
}

function checked(setting: MirrorSetting): MirrorSetting {
  parseMirrorUrl(setting.url, setting.insecure === true)
  const { url, capabilities, caFile, skipVerify, insecure } = setting
  return {
    url,
    capabilities,
    caFile: caFile ? path.resolve(caFile) : undefined,
    skipVerify: skipVerify || undefined,
    insecure: insecure || undefined,
  }
}

/** The name under which a registry's mirrors are kept. @throws INVALID_REFERENCE */
export function mirrorKey(registry: string): string {
  const name = registry.toLowerCase()
  if (name === EVERY_REGISTRY || name === '_default') return EVERY_REGISTRY
  if (['index.docker.io', 'registry-1.docker.io'].includes(name)) return 'docker.io'
  try {
    if (parseReference(`${name}/name`).registry === name) return name
  } catch {
    // reported below, in fitting words
  }
  throw new ContainerImageError('INVALID_REFERENCE', `${show(registry)} is not the host of a registry.`, {
    expected: 'host[:port], docker.io, or * for every registry',
    found: show(registry),
    remedy: 'Write it as `config set mirrors.mcr.microsoft.com https://site.example:5000`.',
  })
}
