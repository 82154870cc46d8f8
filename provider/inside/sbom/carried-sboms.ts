import { type Descriptor, type Digest, hasCode, isManifestType, LIMITS } from '../../../manifests/index.js'
import { attestationsIn } from '../../choice/attestations.js'
import { readManifest } from '../../copy/documents.js'
import { readVerified } from '../../copy/read-verified.js'
import type { OpenImage } from '../image/open-image.js'
import { plainUrl, type SbomContent, sbomIn } from './carried-sbom.js'

/** An SBOM that travels with an image, compared with what is found in the image. */
export interface ComparedSbom {
  /** Of the artifact that has it. */
  digest: Digest
  /** Which of the two, whatever version of it. */
  format: 'cyclonedx' | 'spdx'
  /** How many packages it lists by package URLs. */
  packages: number
  /** How many of these were found as well. */
  both: number
  /** Package URLs, without qualifiers, that it lists and that were not found. */
  onlyThere: string[]
  /** Package URLs, without qualifiers, that were found and that it does not list. */
  onlyHere: string[]
}

/** In bytes: larger ones are not read. */
const LARGEST = 64 * 1024 * 1024
const MOST_ARTIFACTS = 50

/**
 * The SBOMs that refer to an image, or that its build has put beside it, compared with the packages that were
 * found in it.
 * @param urls package URLs of these
 * @throws INTERRUPTED
 */
export async function comparedSboms(
  image: OpenImage,
  urls: readonly string[],
  signal?: AbortSignal,
): Promise<ComparedSbom[]> {
  const here = new Set(urls.flatMap((url) => plainUrl(url) ?? []))
  const artifacts = [...(await referrersOf(image, signal)), ...(await attestationsOf(image, signal))]
  const compared: ComparedSbom[] = []
  for (const artifact of artifacts.slice(0, MOST_ARTIFACTS))
    for (const content of await contentsOf(image, artifact, signal))
      compared.push({ digest: artifact.digest, ...beside(content, here) })
  return compared
}

/** If a registry does not say, there are none. */
async function referrersOf({ source, root }: OpenImage, signal?: AbortSignal): Promise<Descriptor[]> {
  try {
    return (await source.referrers?.(root.digest, { signal })) ?? []
  } catch (error) {
    if (hasCode(error, 'INTERRUPTED')) throw error
    return []
  }
}

/** What a build has put into the index of the image. */
async function attestationsOf(
  { source, root, index }: OpenImage,
  signal?: AbortSignal,
): Promise<Descriptor[]> {
  const found = index ? await attestationsIn(source, index, root.digest, signal) : []
  return found.map(({ descriptor }) => descriptor)
}

function beside({ format, urls }: SbomContent, here: ReadonlySet<string>): Omit<ComparedSbom, 'digest'> {
  const onlyThere = [...urls].filter((url) => !here.has(url)).sort()
  const onlyHere = [...here].filter((url) => !urls.has(url)).sort()
  return { format, packages: urls.size, both: urls.size - onlyThere.length, onlyThere, onlyHere }
}

/** A broken or missing one is ignored, as if it did not travel along. */
async function contentsOf(
  image: OpenImage,
  artifact: Descriptor,
  signal?: AbortSignal,
): Promise<SbomContent[]> {
  if (!isManifestType(artifact.mediaType) || artifact.size > LIMITS.manifestBytes) return []
  try {
    const { layers } = await readManifest(image.source, artifact, signal)
    const contents: SbomContent[] = []
    for (const layer of layers.slice(0, MOST_ARTIFACTS)) {
      if (!MAY_BE.test(layer.mediaType) || layer.size > LARGEST) continue
      const bytes = await readVerified(image.source, layer, LARGEST, signal)
      const content = sbomIn(Buffer.from(bytes).toString('utf8'))
      if (content) contents.push(content)
    }
    return contents
  } catch (error) {
    if (hasCode(error, 'INTERRUPTED')) throw error
    return []
  }
}

/** CycloneDX and SPDX as they are, in-toto, DSSE, and the bundles of sigstore. */
const MAY_BE = /cyclonedx|spdx|in-toto|dsse|sigstore\.bundle/i
