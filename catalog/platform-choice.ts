import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  formatPlatform,
  type ImageIndex,
  isConfigType,
  type Platform,
  printable,
} from '../manifests/index.js'
import { compareFit, fits } from './platform-fit.js'

/**
 * The image of an index for a platform, by os, architecture and variant (the highest that the platform can
 * run). For Windows also by `os.version`: first the newest revision of the platform's own build, then the
 * newest older build; without an `os.version` the newest of all. Among equals the first. Attestations are
 * skipped. If no image has a platform and there is only one, it is taken: its config says what it is, and the
 * caller checks that.
 * @param host this machine; on Windows its build counts if `wanted` names none
 * @throws PLATFORM_NOT_FOUND with the existing platforms, also in `details.platforms`
 */
export function choosePlatform(index: ImageIndex, wanted: Platform, host?: Platform): Descriptor {
  const target = withBuildOf(host, wanted)
  const images = index.manifests.filter(isImageEntry)
  const fitting = images.flatMap((image) =>
    image.platform && fits(target, image.platform) ? [{ image, platform: image.platform }] : [],
  )
  fitting.sort((a, b) => compareFit(target, a.platform, b.platform))
  const chosen = fitting[0]?.image ?? onlyOneWithoutPlatform(images)
  if (chosen) return chosen
  throw platformNotFound(
    target,
    images.flatMap((image) => image.platform ?? []),
    { unsaid: images.filter(({ platform }) => platform === undefined).map(({ digest }) => digest) },
  )
}

/** So many images without a platform are named in an error; all are in its details. */
const LISTED = 5

/**
 * The error PLATFORM_NOT_FOUND, listing each existing platform once.
 * @param unsaid the images that do not say for which platform they are
 */
export function platformNotFound(
  wanted: Platform,
  offered: Platform[],
  { label = 'The image', unsaid = [] }: { label?: string; unsaid?: readonly Digest[] } = {},
): ContainerImageError {
  const platforms = [...new Set(offered.map((p) => printable(formatPlatform(p))))]
  const list = platforms.length > 0 ? platforms.join(', ') : 'none'
  const some = `${unsaid.slice(0, LISTED).join(', ')}${unsaid.length > LISTED ? ', ...' : ''}`
  return new ContainerImageError(
    'PLATFORM_NOT_FOUND',
    `${label} does not exist for ${formatPlatform(wanted)}${newerWindows(wanted, offered)}. Platforms that there are: ${list}.`,
    {
      side: 'source',
      expected: formatPlatform(wanted),
      found: unsaid.length > 0 ? `${list}; and without a platform: ${some}` : list,
      remedy: unsaid.length > 0 ? BY_DIGEST : undefined,
      details: unsaid.length > 0 ? { platforms, withoutPlatform: unsaid } : { platforms },
    },
  )
}

const BY_DIGEST =
  'Choose one of the platforms listed, or one of the images that do not say theirs, by its digest: NAME@sha256:...'

/** The error PLATFORM_NOT_FOUND for an index that lists nothing: naming a platform would not help. */
export function emptyIndex(label: string): ContainerImageError {
  return new ContainerImageError(
    'PLATFORM_NOT_FOUND',
    `${printable(label)} has an index that lists no image.`,
    {
      side: 'source',
      expected: 'one image or more',
      found: 'none',
      remedy: 'Choose another version, or ask whoever published this one what became of it.',
      details: { platforms: [] },
    },
  )
}

/** The usual surprise on Windows: the right system and machine, but every build is newer than the host's. */
function newerWindows(wanted: Platform, offered: Platform[]): string {
  if (wanted.os !== 'windows' || wanted['os.version'] === undefined) return ''
  const { 'os.version': _build, ...anyBuild } = wanted
  return offered.some((p) => fits(anyBuild, p))
    ? ' (Windows cannot run an image of a newer build than its own)'
    : ''
}

function withBuildOf(host: Platform | undefined, wanted: Platform): Platform {
  if (wanted.os !== 'windows' || wanted['os.version'] !== undefined) return wanted
  const build = host?.os === 'windows' ? host['os.version'] : undefined
  return build === undefined ? wanted : { ...wanted, 'os.version': build }
}

/**
 * Whether an entry of an index is an image: not an attestation of BuildKit (its "attestation storage"
 * document: the annotation, and the platform unknown/unknown), nor another artifact. An image may state that
 * it is an image.
 */
export function isImageEntry(descriptor: Descriptor): boolean {
  if (descriptor.annotations?.['vnd.docker.reference.type'] !== undefined) return false
  if (descriptor.platform?.os === 'unknown' || descriptor.platform?.architecture === 'unknown') return false
  const { artifactType, platform } = descriptor
  return artifactType === undefined || isConfigType(artifactType) || platform !== undefined
}

function onlyOneWithoutPlatform(images: Descriptor[]): Descriptor | undefined {
  return images.length === 1 && images[0]?.platform === undefined ? images[0] : undefined
}
