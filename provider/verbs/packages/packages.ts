import path from 'node:path'
import { refuseExistingFile } from '../../formats/in-place/file-exists.js'
import type { OpenImage } from '../../inside/image/open-image.js'
import { inImage, treeOf } from '../../inside/look.js'
import type { SoftwarePackage } from '../../inside/packages/software-package.js'
import { PACKAGE_READERS } from '../../inside/packages-of-image/package-readers.js'
import type { ImagePackages } from '../../inside/packages-of-image/packages-of-facts.js'
import { packagesOfTree } from '../../inside/packages-of-image/packages-of-tree.js'
import { comparedSboms } from '../../inside/sbom/carried-sboms.js'
import { packageUrl } from '../../inside/sbom/package-url.js'
import { sbomOfImage } from '../../inside/sbom/sbom-of-image.js'
import { replaceFile } from '../../io/files/durable.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Context } from '../../session/context.js'
import type { InsidePackage, PackagesRequest, PackagesResult, SbomRequest, WrittenSbom } from './request.js'

/**
 * Lists the packages of an image: those of its distribution, and the libraries of programs.
 * @throws NOT_INSTALLED and what reading the image throws
 */
export async function packages(request: PackagesRequest): Promise<PackagesResult> {
  return await inImage(request, async (image, context) => {
    const all = await allPackages(image, context)
    const { packages: found, distribution, notes } = ofKinds(all, request)
    const carried = await comparedSboms(image, urlsOf(all), request.signal)
    return {
      image: image.label,
      digest: image.root.digest,
      layers: image.layers.map(({ digest, size }) => ({ digest, size })),
      ...(distribution ? { distribution } : {}),
      packages: found.map((one) => insidePackage(one, packageUrl(one, distribution))),
      notes: notes.map(({ file, layer, message }) => ({ file: `/${file}`, layer: layer + 1, message })),
      ...(carried.length > 0 ? { carried } : {}),
    }
  })
}

/**
 * Writes the packages of an image as an SBOM.
 * @throws FILE_EXISTS and what reading the image throws
 */
export async function writeSbom(request: SbomRequest): Promise<WrittenSbom> {
  const { format, output, stdout, whatIf, force = false } = request
  if (output !== '-') await refuseExistingFile(output, force)
  return await inImage(request, async (image, context) => {
    const found = ofKinds(await allPackages(image, context), request)
    const bytes = Buffer.from(sbomOfImage(image, found, format))
    if (!whatIf && output === '-') await stdout?.(inOnePiece(bytes))
    else if (!whatIf)
      await inWords(`Writing ${output}`, 'destination', () => replaceFile(path.resolve(output), bytes))
    return {
      image: image.label,
      digest: image.root.digest,
      format,
      output,
      packages: found.packages.length,
      size: bytes.length,
    }
  })
}

async function allPackages(image: OpenImage, context: Context): Promise<ImagePackages> {
  return packagesOfTree(await treeOf(image, context, PACKAGE_READERS))
}

function ofKinds(found: ImagePackages, { kinds }: PackagesRequest): ImagePackages {
  if (!kinds || kinds.length === 0) return found
  return { ...found, packages: found.packages.filter(({ kind }) => kinds.includes(kind)) }
}

function urlsOf({ packages: found, distribution }: ImagePackages): string[] {
  return found.flatMap((one) => packageUrl(one, distribution) ?? [])
}

function insidePackage(one: SoftwarePackage, purl: string | undefined): InsidePackage {
  const { file, layer, partOf, ...rest } = one
  return {
    ...rest,
    ...(purl === undefined ? {} : { purl }),
    file: `/${file}`,
    layer: layer + 1,
    ...(partOf === undefined ? {} : { partOf }),
  }
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
