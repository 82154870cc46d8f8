import type { ImageConfig, Platform } from '../../../../manifests/index.js'
import { filetimeOf } from '../layer/times.js'
import type { WindowsInfo } from '../read/image-info.js'
import type { WimSourceInfo } from './source.js'

/** What is known of an image that becomes a WIM. */
export interface OriginFacts {
  version: string
  publisher?: string
  platform: Platform
  /** The edition that a WIM once named: ServerDatacenterNano. */
  edition?: string
  config: ImageConfig
}

/**
 * What the XML data says of an image: for other programs in the elements that they know, and for installing it
 * again as the same image in one of our own.
 */
export function wimInfo({ version, publisher, platform, edition, config }: OriginFacts): WimSourceInfo {
  const createdAt = filetimeOf(config.created)
  const { architecture, variant } = platform
  return {
    createdAt,
    modifiedAt: createdAt,
    flags: edition,
    windows: platform.os === 'windows' ? windowsInfo(version, platform, edition) : undefined,
    origin: {
      version,
      publisher,
      architecture,
      variant,
      osVersion: platform['os.version'],
      osFeatures: platform['os.features'] ?? [],
      config: config.config ? asciiJson(config.config) : undefined,
    },
  }
}

/** The build that it runs on is only there if it is known in four parts. */
function windowsInfo(version: string, platform: Platform, edition: string | undefined): WindowsInfo {
  const build = [platform['os.version'], version].find((one) => /^\d+(\.\d+){3}$/.test(one ?? ''))
  return {
    architecture: platform.architecture,
    editionId: edition,
    version: build,
    languages: [],
  }
}

/** XML cannot hold every character that JSON can. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
