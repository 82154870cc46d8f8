import {
  type Digest,
  familiarName,
  formatLocalName,
  hasCode,
  type ImageConfig,
  type Platform,
  parsePlatform,
  present,
} from '../../../manifests/index.js'
import { hostPlatform } from '../../choice/host-platform.js'
import type { MadeLayer } from '../../copy/ports.js'
import { withChanges } from '../../inside/commit/config-changes.js'
import { type ImageDocuments, newImage } from '../../inside/commit/new-image.js'
import type { Parent } from '../../inside/commit/tree-changes.js'
import { sourceDate } from '../../io/source-date.js'
import type { CommitRequest } from './request.js'

/** The settings of the new image, before its layers are known. */
export function configOf(
  parent: Parent | undefined,
  { changes = [], author, platform }: CommitRequest,
): ImageConfig {
  const base: ImageConfig = parent?.image.config ?? {
    ...(platform === undefined ? hostLinux() : parsePlatform(platform)),
    rootfs: { type: 'layers', diff_ids: [] },
  }
  const run = withChanges(base.config, changes)
  return present({
    ...base,
    config: Object.keys(run).length > 0 ? run : undefined,
    author: author ?? base.author,
  })
}

function hostLinux(): Platform {
  const { architecture, variant } = hostPlatform()
  return present({ os: 'linux', architecture, variant })
}

export function hasOtherSettings(
  { image }: Parent,
  config: ImageConfig,
  { message }: CommitRequest,
): boolean {
  const before = image.config
  return (
    message !== undefined ||
    config.author !== before.author ||
    JSON.stringify(config.config ?? {}) !== JSON.stringify(before.config ?? {})
  )
}

/** The documents of the new image, with what was done to which one. */
export function documentsFor(
  parent: Parent | undefined,
  config: ImageConfig,
  layer: MadeLayer | undefined,
  { message, author }: CommitRequest,
): ImageDocuments {
  const created = sourceDate().toISOString()
  const step = present({ created, created_by: 'containerimage commit', author, comment: message })
  if (!parent) return newImage({ parent, config, layer, step })
  const { manifest, root, config: before, label } = parent.image
  const name = nameOf(label)
  const base = { manifest, config: before, digest: root.digest as Digest, ...(name ? { name } : {}) }
  return newImage({ parent: base, config, layer, step })
}

/** Of an image that has a name; others are files of this machine. */
function nameOf(label: string): string | undefined {
  try {
    return formatLocalName(familiarName(label))
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return undefined
    throw error
  }
}
