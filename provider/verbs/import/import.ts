import { stat } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  command,
  type Digest,
  familiarName,
  formatLocalName,
  formatPlatform,
  type HistoryEntry,
  type ImageConfig,
  impossible,
  option,
  type Platform,
  platformOf,
  present,
} from '../../../manifests/index.js'
import { compressionOf, readHead } from '../../archives/members/compression.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { readConfig, readManifest } from '../../copy/documents.js'
import type { ImageCollection } from '../../copy/ports.js'
import { rootfsSource } from '../../formats/rootfs/source.js'
import { withChanges } from '../../inside/commit/config-changes.js'
import { keepImage, namesTaken } from '../../inside/commit/keep-image.js'
import { documentsOf } from '../../inside/commit/new-image.js'
import { closing } from '../../io/closing/closing.js'
import { inWords } from '../../io/files/system-errors.js'
import { sourceDate } from '../../io/source-date.js'
import { type Context, inContext } from '../../session/context.js'
import { withPipes } from '../../targets/piped.js'
import type { ImportRequest, ImportResult } from './request.js'

/** Enough to tell how a file is compressed. */
const HEAD_BYTES = 8

/**
 * Makes an image from the tar of a root file system, which becomes its only layer, unchanged if engines
 * accept it like that.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, LAYER_INVALID, USAGE, INVALID_REFERENCE, INVALID_PLATFORM, NO_SPACE, STORE_LOCKED
 */
export async function importTar(request: ImportRequest): Promise<ImportResult> {
  return await withPipes(request, [request.path], async ([file = ''], rest) => {
    return await inContext(rest, async (context) => {
      const name = familiarName(rest.name)
      const place = path.resolve(file)
      const source = await rootfsSource(place, compressionOf(await headOf(place)), {
        ...{ name: name.repository, version: name.tag, platform: rest.platform },
        ...{ mayBeUnknown: true, signal: rest.signal },
      })
      return await closing(source, () => keptFrom(context, source, rest))
    })
  })
}

async function headOf(place: string): Promise<Uint8Array> {
  const found = await inWords(`Reading ${place}`, 'source', () => stat(place))
  if (!found.isDirectory()) return await readHead(place, HEAD_BYTES)
  throw new ContainerImageError('USAGE', `${place} is a folder.`, {
    side: 'source',
    expected: 'a tar',
    found: 'a folder',
    remedy: `Use ${command('commit', 'DIR', 'NAME', option('from'), 'scratch')}.`,
  })
}

async function keptFrom(
  context: Context,
  source: ImageCollection,
  request: ImportRequest,
): Promise<ImportResult> {
  const { signal, whatIf = false, latest = false } = request
  const [image] = await source.images()
  if (!image) impossible('A tarball is one image.')
  const manifest = await readManifest(source, image.root, signal)
  const config = importedConfig(context, await readConfig(source, manifest.config, signal), request)
  for (const note of source.notes?.() ?? []) context.note(note)
  const made = documentsOf(config, manifest.layers)
  const name = familiarName(request.name)
  const kept = { made, platform: platformOf(config), name, latest, layers: source, fresh: new Set<Digest>() }
  const moved = whatIf ? await namesTaken(context, kept) : await keepImage(context, kept)
  const [layer] = manifest.layers
  if (!layer) impossible('A tarball is one layer.')
  const tags = [name, ...(latest ? [{ ...name, tag: 'latest' }] : [])].map(formatLocalName)
  return {
    image: formatLocalName(name),
    ...{ digest: made.root.digest, id: made.manifest.config.digest, tags: [...new Set(tags)] },
    platform: formatPlatform(kept.platform),
    layer: { digest: layer.digest, size: layer.size },
    moved,
  }
}

/**
 * What the tar says about itself, with settings that docker would not give it: a path, and a shell if there
 * is one.
 */
function importedConfig(
  context: Context,
  found: ImageConfig,
  { changes = [], message, author, path: said }: ImportRequest,
): ImageConfig {
  const created = sourceDate().toISOString()
  const run = withChanges(found.config, changes)
  const step: HistoryEntry = present({
    created,
    created_by: 'containerimage import',
    author,
    comment: message ?? `Imported from ${path.basename(said)}`,
  })
  const config: ImageConfig = { ...found, created, author, config: run, history: [step] }
  return config.architecture === 'unknown' ? { ...config, ...ofThisMachine(context) } : config
}

function ofThisMachine(context: Context): Pick<Platform, 'architecture' | 'variant'> {
  const { architecture, variant } = hostPlatform()
  context.note(
    `No program in it says for which machine it is; it is taken for ${architecture}. Another one: ${option('platform')}.`,
  )
  return present({ architecture, variant })
}
