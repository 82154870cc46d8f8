import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type Descriptor, isIndexType } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { readIndex } from '../../copy/documents.js'
import type { ImageSource } from '../../copy/ports.js'
import { refuseExistingFile } from '../../formats/in-place/file-exists.js'
import { openPath } from '../../formats/open/open-path.js'
import { opened } from '../../inside/image/open-image.js'
import { treeOf } from '../../inside/look.js'
import { PACKAGE_READERS } from '../../inside/packages-of-image/package-readers.js'
import { packagesOfTree } from '../../inside/packages-of-image/packages-of-tree.js'
import { sbomOfImage } from '../../inside/sbom/sbom-of-image.js'
import { closing } from '../../io/closing/closing.js'
import { replaceFile } from '../../io/files/durable.js'
import { holdsBytes } from '../../io/files/read-document.js'
import { inWords } from '../../io/files/system-errors.js'
import { labelOf } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import type { SaveRequest, SaveResult } from './request.js'
import { hashOf } from './saved-result.js'
import { sbomName } from './sbom-names.js'

/** Something that was saved, and may have SBOMs beside it. */
interface Saved {
  /** A file that they are beside. */
  beside: string
  /**
   * The file from which the images are read, so that remote ones are not fetched again. Default: their own
   * source.
   */
  readable?: string | undefined
}

/**
 * The same beside a file that was saved; they are added to the result, with their checksums.
 * @throws as putSboms
 */
export async function addSboms(
  context: Context,
  images: readonly ChosenImage[],
  { beside, readable }: Saved,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const folder = path.dirname(beside)
  const { force = false, signal } = request
  const put = (source?: ImageSource): Promise<string[]> =>
    putSboms(context, images, folder, { force, source })
  const saved = readable === undefined ? undefined : await openPath(readable, { signal })
  for (const name of saved ? await closing(saved, () => put(saved)) : await put()) {
    const sbom = path.join(folder, name)
    const { size } = await stat(sbom)
    result.files.push({ path: sbom, size, sha256: await hashOf(context, sbom, size, request) })
  }
}

/**
 * Lists the packages of each image in a CycloneDX file beside what was saved.
 * @param source from which the images are read; default: their own
 * @returns the names of the files, in the folder
 * @throws FILE_EXISTS, and what reading the images throws
 */
export async function putSboms(
  context: Context,
  images: readonly ChosenImage[],
  folder: string,
  options: { force: boolean; source?: ImageSource },
): Promise<string[]> {
  const names: string[] = []
  for (const image of images) {
    if (image.artifact) continue
    const source = options.source ?? image.source
    const parts = await partsOf(context, source, image)
    for (const part of parts) {
      const name = sbomName(image, parts.length > 1 ? part.platform : undefined)
      await putSbom(context, source, { ...image, ...part }, path.join(folder, name), options.force)
      names.push(name)
    }
  }
  return names
}

type Part = Pick<ChosenImage, 'root' | 'platform'>

/** For an index, each image for a platform; anything else in it, such as attestations, does not count. */
async function partsOf({ options }: Context, source: ImageSource, image: ChosenImage): Promise<Part[]> {
  if (!isIndexType(image.root.mediaType)) return [image]
  const { manifests } = await readIndex(source, image.root, options.signal)
  return manifests.filter(isForPlatform).map((root) => ({ root, platform: root.platform }))
}

function isForPlatform({ platform }: Descriptor): boolean {
  return platform !== undefined && platform.os !== 'unknown'
}

async function putSbom(
  context: Context,
  source: ImageSource,
  image: ChosenImage,
  file: string,
  force: boolean,
): Promise<void> {
  const { signal } = context.options
  const open = await opened(source, image, labelOf(image), async () => {}, signal)
  const found = packagesOfTree(await treeOf(open, context, PACKAGE_READERS))
  const bytes = Buffer.from(sbomOfImage(open, found, 'cyclonedx'))
  if (await holdsBytes(file, bytes)) return
  await refuseExistingFile(file, force)
  await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes))
}
