import path from 'node:path'
import {
  ContainerImageError,
  type ImageConfig,
  option,
  type Platform,
  platform,
  printable,
} from '../../../../manifests/index.js'
import type { OsRelease } from '../../../names/os-release.js'
import { damaged } from '../read/damage.js'
import type { ImageOrigin, WimImageInfo } from '../read/image-info.js'
import type { Wim } from '../read/wim.js'

/** What an image made from a WIM is called, and what it runs on. */
export interface LayerFacts {
  name: string
  version: string
  publisher?: string
  platform: Platform
  edition?: string
  /** FILETIME; 0 where the WIM does not say. */
  createdAt: bigint
  /** What the image runs, if it was once saved as a WIM. */
  config?: NonNullable<ImageConfig['config']>
}

/** What the tree itself says. */
export type System = { os: 'windows' } | { os: 'linux'; release: OsRelease }

export interface Wishes {
  name?: string
  version?: string
  platform?: string
}

/**
 * Name and version as the original provider made them: from the image's own name and version, published by
 * Microsoft. Whatever the XML data leaves out comes from the user, or from a file name of the form
 * `NanoServer-10-0-14300-1010.wim`.
 * @throws ARCHIVE_UNKNOWN if a name, version or architecture stays unknown
 */
export function layerFacts(wim: Wim, image: WimImageInfo, system: System, wishes: Wishes = {}): LayerFacts {
  const { windows } = image
  const file = fileParts(wim.name)
  const name =
    wishes.name ?? given(image.name) ?? given(image.displayName) ?? given(windows?.productName) ?? file.name
  const release = system.os === 'linux' ? system.release : {}
  const said = wishes.version ?? given(image.origin?.version)
  const version = said ?? windows?.version ?? file.version ?? release.VERSION_ID ?? release.BUILD_ID
  if (version === undefined) throw unknown(wim, 'version', option('requiredVersion'))
  const edition = given(windows?.editionId) ?? given(image.flags)
  const createdAt = image.createdAt ?? image.modifiedAt ?? 0n
  return {
    name,
    version,
    platform: platformFor(wim, image, system.os, wishes, version),
    ...(image.origin ? publishedBy(given(image.origin.publisher)) : publisherOf(system)),
    edition,
    createdAt,
    ...configOf(wim, image.origin),
  }
}

function publishedBy(publisher: string | undefined): { publisher?: string } {
  return publisher === undefined ? {} : { publisher }
}

/** The install reads the members again, and refuses those of the wrong kind. */
function configOf(wim: Wim, origin: ImageOrigin | undefined): Pick<LayerFacts, 'config'> {
  if (origin?.config === undefined) return {}
  const wrong = (): ContainerImageError =>
    damaged({ file: wim.name, resource: 'XML data' }, 'what it says that the image runs is not a JSON object')
  try {
    const config: unknown = JSON.parse(origin.config)
    if (typeof config !== 'object' || config === null || Array.isArray(config)) throw wrong()
    return { config: config as NonNullable<ImageConfig['config']> }
  } catch {
    throw wrong()
  }
}

/** The original had one publisher for all images of Windows; a Linux names its own. */
function publisherOf(system: System): { publisher?: string } {
  if (system.os === 'windows') return { publisher: 'Microsoft' }
  const first = system.release.NAME?.split(/[\s/]+/)[0]
  return first ? { publisher: first } : {}
}

function given(text: string | undefined): string | undefined {
  const shown = text === undefined ? '' : printable(text).trim()
  return shown === '' ? undefined : shown
}

/** `NanoServer-10-0-14300-1010.wim` in its parts, as save and the original provider named files. */
function fileParts(file: string): { name: string; version?: string } {
  const base = path.basename(file, path.extname(file))
  const match = /^(.+?)-(\d+(?:-\d+){1,3})$/.exec(base)
  return match?.[1] && match[2] ? { name: match[1], version: match[2].replaceAll('-', '.') } : { name: base }
}

function platformFor(
  wim: Wim,
  image: WimImageInfo,
  os: 'windows' | 'linux',
  wishes: Wishes,
  version: string,
): Platform {
  const { origin } = image
  const known = origin?.architecture ?? image.windows?.architecture
  const architecture = known ?? wishedArchitecture(wishes) ?? 'amd64'
  if (!/^[a-z][a-z0-9_]*$|^386$/.test(architecture)) throw unknown(wim, 'architecture', option('platform'))
  if (origin) return originPlatform(wim, os, architecture, origin)
  if (os === 'linux') return platform('linux', architecture)
  const osVersion = image.windows?.version ?? (/^\d+(\.\d+){3}$/.test(version) ? version : undefined)
  const found = platform('windows', architecture, undefined, osVersion)
  return isNano(image) ? found : { ...found, 'os.features': ['win32k'] }
}

function originPlatform(wim: Wim, os: string, architecture: string, origin: ImageOrigin): Platform {
  const { variant, osVersion, osFeatures } = origin
  if (variant !== undefined && !/^[a-z0-9.]+$/.test(variant))
    throw unknown(wim, 'variant', option('platform'))
  const found = platform(os, architecture, variant, osVersion)
  return osFeatures.length > 0 ? { ...found, 'os.features': [...osFeatures] } : found
}

function wishedArchitecture({ platform: text }: Wishes): string | undefined {
  return text?.split('/')[1]?.split(':')[0]
}

/** Nano Server has no window manager (image-spec, config.md, `os.features`; docker's first Windows images). */
function isNano({ name, flags, windows }: WimImageInfo): boolean {
  return [name, flags, windows?.editionId, windows?.installationType, windows?.productName].some((text) =>
    /nano/i.test(text ?? ''),
  )
}

function unknown(wim: Wim, what: string, option: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_UNKNOWN', `${printable(wim.name)} does not say its ${what}.`, {
    side: 'source',
    expected: `a ${what} in its XML data`,
    found: 'none',
    remedy: `Give it with ${option}.`,
  })
}
