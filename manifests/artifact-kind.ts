import type { Digest } from './digest.js'
import type { Manifest } from './manifest.js'
import { isConfigType, layerCompression, MEDIA_TYPES } from './media-types.js'

/** What a manifest is if it is not an image. */
export interface ArtifactKind {
  /** In words: `Helm chart`, `cosign signature`, `SBOM`, `file`; `artifact` for an unknown one. */
  kind: string
  /** The media type that decides (manifest.md, "Guidelines for Artifact Usage"). */
  artifactType: string
}

/**
 * What old registries and old versions of docker call a config. Docker still treats it as an image
 * (distribution issue 1621), and an old base image must install.
 */
const OLD_CONFIG_TYPES = ['application/octet-stream', 'application/json', 'text/html']

/**
 * `{}`, which the specification gives to artifacts without a config; an image's config always has a root
 * filesystem.
 */
const EMPTY_OBJECT = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'

/**
 * Whether a manifest is that of a runnable image, and not of a signature or another artifact: its config's
 * media type decides, whatever `artifactType` a descriptor or the manifest itself has. Cosign borrows the
 * type of an image's config for signatures, whose layers are documents.
 */
export function isImageManifest(manifest: Manifest): boolean {
  const { config, layers, mediaType } = manifest
  if (config.digest === EMPTY_OBJECT) return false
  const isOld = mediaType === MEDIA_TYPES.dockerManifest && OLD_CONFIG_TYPES.includes(config.mediaType)
  if (!isConfigType(config.mediaType) && !isOld) return false
  return layers.length === 0 || !layers.every((layer) => isDocumentType(layer.mediaType))
}

/** JSON, XML and text are not layers of a root filesystem. */
function isDocumentType(mediaType: string): boolean {
  if (layerCompression(mediaType)) return false
  return /^text\/|[/+](json|xml|jose)\b|simplesigning/i.test(mediaType)
}

/** What a manifest is, by its own documents; undefined for an image. */
export function artifactOf(manifest: Manifest): ArtifactKind | undefined {
  if (isImageManifest(manifest)) return undefined
  const types = tellingTypes(manifest)
  const [artifactType = manifest.config.mediaType] = types
  const known = types.map(wordFor).find((word) => word !== undefined)
  return { kind: known ?? plainKind(manifest), artifactType }
}

/**
 * Whether a manifest may refer to what it is listed for. A registry that lists the wrong thing (one took the tag
 * `sha256-<hex>` for an image of its own) has images there, or what says itself that it is about something else.
 */
export function mayReferTo(subject: Digest, manifest: Manifest): boolean {
  return manifest.subject ? manifest.subject.digest === subject : artifactOf(manifest) !== undefined
}

/** Something that is not a manifest at all but has its own entry in an index. */
export function artifactOfType(mediaType: string): ArtifactKind {
  return { kind: wordFor(mediaType) ?? 'artifact', artifactType: mediaType }
}

/** The manifest's own word first, then its config's, then what it carries. */
function tellingTypes({ artifactType, config, layers }: Manifest): string[] {
  const saysNothing = config.mediaType === MEDIA_TYPES.ociEmpty || isConfigType(config.mediaType)
  return [
    ...(artifactType === undefined || isConfigType(artifactType) ? [] : [artifactType]),
    ...(saysNothing ? [] : [config.mediaType]),
    ...layers.map((layer) => layer.mediaType).filter((type) => type !== MEDIA_TYPES.ociEmpty),
  ]
}

/** The types in use, by who defines them: Helm, cosign, sigstore, Notary Project, in-toto, SPDX, CycloneDX, Syft. */
const WORDS: [RegExp, string][] = [
  [/\bhelm\b/i, 'Helm chart'],
  [/cosign\.(simplesigning|artifact\.sig)/i, 'cosign signature'],
  [/cosign\.artifact\.sbom/i, 'SBOM'],
  [/notary\.signature/i, 'Notation signature'],
  [/sigstore\.bundle/i, 'Sigstore bundle'],
  [/in-toto|dsse\.envelope|attestation/i, 'attestation'],
  [/spdx|cyclonedx|syft|sbom/i, 'SBOM'],
  [/\bwasm\b/i, 'WebAssembly module'],
  [/docker\.plugin/i, 'docker plugin'],
]

function wordFor(mediaType: string): string | undefined {
  return WORDS.find(([pattern]) => pattern.test(mediaType))?.[1]
}

/** ORAS names its files by the annotation of the specification (annotations.md, "title"). */
function plainKind({ layers }: Manifest): string {
  const titled = layers.filter(({ annotations }) => annotations?.['org.opencontainers.image.title'])
  if (titled.length === 0 || titled.length < layers.length) return 'artifact'
  return titled.length === 1 ? 'file' : 'files'
}
