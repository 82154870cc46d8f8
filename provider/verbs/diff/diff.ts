import { show } from '../../../manifests/index.js'
import { compareFiles, type FileDifference, type Side } from '../../inside/compare/compare-files.js'
import { compareLayers } from '../../inside/compare/compare-layers.js'
import { comparePackages } from '../../inside/compare/compare-packages.js'
import { compareSettings } from '../../inside/compare/compare-settings.js'
import { type OpenImage, openImage } from '../../inside/image/open-image.js'
import { treeOf } from '../../inside/look.js'
import type { SoftwarePackage } from '../../inside/packages/software-package.js'
import { PACKAGE_READERS } from '../../inside/packages-of-image/package-readers.js'
import { packagesOfTree } from '../../inside/packages-of-image/packages-of-tree.js'
import { closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import { withPipes } from '../../targets/piped.js'
import { insideFile } from '../files/files.js'
import type { DifferentFile, DiffPart, DiffRequest, DiffResult } from './request.js'

const ALL: readonly DiffPart[] = ['config', 'layers', 'packages', 'files']
/** Of one image. */
const MOST_NOTES = 5

/**
 * In what two images differ, wherever they lie. Layers that both have are read once; nothing is read where both are one.
 * @throws as `openImage`, and what reading their layers throws
 */
export async function diff(request: DiffRequest): Promise<DiffResult> {
  const words = [request.first, request.second]
  return await withPipes(request, words, async ([first = '', second = ''], rest) => {
    return await inContext({ ...rest, names: [first, second] }, async (context) => {
      const { platform, source, secondPlatform = platform, secondSource = source } = rest
      const one = await openImage(context, { ...rest, name: first, platform, source })
      return await closing(one, async () => {
        const look = { ...rest, name: second, platform: secondPlatform, source: secondSource }
        const other = await openImage(context, look)
        return await closing(other, () => compared(context, one, other, rest))
      })
    })
  })
}

async function compared(
  context: Context,
  first: OpenImage,
  second: OpenImage,
  { only = ALL, times }: DiffRequest,
): Promise<DiffResult> {
  const identical = first.root.digest === second.root.digest
  const sides = { first: sideOf(first), second: sideOf(second) }
  if (identical) return { ...sides, identical, same: true }
  const config = only.includes('config') ? compareSettings(first.config, second.config) : undefined
  const layers = only.includes('layers') ? compareLayers(first, second) : undefined
  const { packages, files } = await insideOf(context, first, second, { only, times })
  const otherLayers = layers ? layers.first.length + layers.second.length : 0
  const others = [config, packages, files].reduce((sum, list) => sum + (list?.length ?? 0), otherLayers)
  return {
    ...sides,
    ...{ identical, same: others === 0 },
    ...(config ? { config } : {}),
    ...(layers ? { layers } : {}),
    ...(packages ? { packages } : {}),
    ...(files ? { files } : {}),
  }
}

function sideOf({ label, root }: OpenImage): DiffResult['first'] {
  return { image: label, digest: root.digest }
}

/** What is in the layers is the same where these are. */
async function insideOf(
  context: Context,
  first: OpenImage,
  second: OpenImage,
  { only = ALL, times }: Pick<DiffRequest, 'only' | 'times'>,
): Promise<Pick<DiffResult, 'packages' | 'files'>> {
  const [hasPackages, hasFiles] = [only.includes('packages'), only.includes('files')]
  if (!hasPackages && !hasFiles) return {}
  const above = compareLayers(first, second)
  if (above.first.length + above.second.length === 0)
    return { ...(hasPackages ? { packages: [] } : {}), ...(hasFiles ? { files: [] } : {}) }
  const { signal, onProgress } = context.options
  const readers = hasPackages ? PACKAGE_READERS : []
  const a: Side = { image: first, tree: await treeOf(first, context, readers) }
  const b: Side = { image: second, tree: await treeOf(second, context, readers) }
  const packages = hasPackages ? comparePackages(packagesIn(context, a), packagesIn(context, b)) : undefined
  const files = hasFiles ? await compareFiles(a, b, { times, signal, onProgress }) : undefined
  return {
    ...(packages ? { packages } : {}),
    ...(files ? { files: files.map(differentFile) } : {}),
  }
}

/** With a note of each file that could not be read, as packages may be missing then. */
function packagesIn(context: Context, { image, tree }: Side): SoftwarePackage[] {
  const { packages, notes } = packagesOfTree(tree)
  for (const { file, message } of notes.slice(0, MOST_NOTES))
    context.note(`${show(file)} in ${image.label}: ${message}`)
  if (notes.length > MOST_NOTES)
    context.note(`${notes.length - MOST_NOTES} more files of ${image.label} could not be read.`)
  return packages
}

function differentFile({ path, first, second, what }: FileDifference): DifferentFile {
  return {
    path: `/${path}`,
    change: first && second ? 'changed' : first ? 'removed' : 'added',
    what,
    ...(first ? { first: insideFile(first) } : {}),
    ...(second ? { second: insideFile(second) } : {}),
  }
}
