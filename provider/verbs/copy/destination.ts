import { existsSync } from 'node:fs'
import {
  ContainerImageError,
  command,
  type Digest,
  insteadOf,
  isReference,
  isTag,
  looksLikeHost,
  parseReference,
  show,
  TAG_IN_WORDS,
} from '../../../manifests/index.js'
import { isWrittenAsPath } from '../../targets/written-as-path.js'

/** The exact place that an image is copied to. */
export interface CopyDestination {
  /** host[:port] */
  registry: string
  repository: string
  tag?: string | undefined
  /** The digest that the image must have. */
  digest?: Digest | undefined
}

/** @throws INVALID_REFERENCE for anything but a full reference, such as the path of a folder */
export function copyDestination(text: string, image: string): CopyDestination {
  if (isReference(text) && !isWrittenAsPath(text)) return parseReference(text)
  const isFile = isWrittenAsPath(text) || existsSync(text)
  throw new ContainerImageError(
    'INVALID_REFERENCE',
    `${show(text)} is not a place in a registry to copy to.`,
    {
      side: 'destination',
      expected: 'host[:port]/path/repo[:tag]',
      found: isFile ? 'a path' : show(text),
      remedy: isFile
        ? `Into a file or a folder: ${command('save', image)}.`
        : (insteadOf(text) ?? hostIsMissing(text)),
    },
  )
}

function hostIsMissing(text: string): string {
  return text.includes('/') || !looksLikeHost(text)
    ? 'Write the registry first, with its port or a dot in its name: registry.example.org/base/debian:12.5.'
    : `Write the repository after the registry: ${text}/base/debian:12.5.`
}

/**
 * The tags that an image gets: that of its destination, or else the one that it has at its source, plus any
 * others requested.
 * @param own its tag or version at the source
 * @throws INVALID_REFERENCE
 */
export function tagsAt(destination: CopyDestination, own: string | undefined, more: string[] = []): string[] {
  const { tag, digest } = destination
  const first = tag ?? (digest === undefined ? own : undefined)
  const tags = [...new Set([...(first === undefined ? [] : [first]), ...more])]
  const wrong = tags.find((one) => !isTag(one))
  if (wrong === undefined) return tags
  throw new ContainerImageError('INVALID_REFERENCE', `${show(wrong)} cannot be a tag.`, {
    side: 'destination',
    expected: TAG_IN_WORDS,
    found: show(wrong),
    remedy: 'Give the destination a tag: registry.example.org/base/debian:12.5.',
  })
}

/** @throws DIGEST_MISMATCH where the destination names another image */
export function checkIsMeant({ registry, repository, digest }: CopyDestination, found: Digest): void {
  if (digest === undefined || digest === found) return
  throw new ContainerImageError(
    'DIGEST_MISMATCH',
    `The image is not the one that ${registry}/${repository} is given by its digest.`,
    {
      side: 'source',
      expected: digest,
      found,
      remedy: `Leave the digest out, or copy the image that has it; ${ofIndex}.`,
    },
  )
}

const ofIndex = 'of an image with several platforms, the digest is that of the index or that of one platform'
