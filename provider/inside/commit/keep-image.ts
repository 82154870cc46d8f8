import {
  ANNOTATIONS,
  ContainerImageError,
  type Digest,
  formatLocalName,
  type LocalName,
  type Platform,
} from '../../../manifests/index.js'
import { copy } from '../../copy/copy.js'
import { planCopy } from '../../copy/plan.js'
import type { ImageSource, PlannedImage } from '../../copy/ports.js'
import { relistMedia } from '../../formats/media/relist.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'
import type { Context } from '../../session/context.js'
import { type MovedName, movesOf } from '../../store/moved-names.js'
import { storeSink } from '../../store/sink.js'
import type { ImageDocuments } from './new-image.js'

/** An image that was made here, and what it is called. */
export interface ImageToKeep {
  made: ImageDocuments
  platform: Platform
  name: LocalName
  /** Whether it should also become `latest` of its repository. */
  latest: boolean
  /** The source of the layers that were not made here. */
  layers: ImageSource | undefined
  /** Those that were made here, in the store. */
  fresh: ReadonlySet<Digest>
}

/**
 * Puts an image into the store: the layers that it has of others, its documents, and its names, which come last.
 * @returns the names that meant other images before
 * @throws what reading the layers throws; NO_SPACE, STORE_LOCKED
 */
export async function keepImage(context: Context, image: ImageToKeep): Promise<MovedName[]> {
  const store = await context.store()
  const { signal, onProgress } = context.options
  const source = withDocuments(image)
  const planned = plannedOf(image)
  const plan = await planCopy(source, [planned], { signal })
  const sink = storeSink(store, context.hasher, { fresh: image.fresh })
  await copy(source, plan, sink, { task: `Keeping ${formatLocalName(image.name)}`, signal, onProgress })
  await relistMedia(store.places.root, { hasher: context.hasher, signal })
  return sink.moved
}

/** The names that an image would take from others. */
export async function namesTaken(
  context: Context,
  image: Pick<ImageToKeep, 'made' | 'platform' | 'name' | 'latest'>,
): Promise<MovedName[]> {
  return await movesOf(await context.store(), [plannedOf(image)])
}

function plannedOf({
  made,
  platform,
  name,
  latest,
}: Pick<ImageToKeep, 'made' | 'platform' | 'name' | 'latest'>): PlannedImage {
  const names = latest && name.tag !== 'latest' ? [name, { ...name, tag: 'latest' }] : [name]
  return {
    root: made.root,
    names,
    platform,
    annotations: { [ANNOTATIONS.name]: name.repository, [ANNOTATIONS.imageVersion]: name.tag },
  }
}

function withDocuments({ made, layers, name }: ImageToKeep): ImageSource {
  const label = layers?.label ?? formatLocalName(name)
  const missing = (what: string): ContainerImageError =>
    new ContainerImageError('BLOB_MISSING', `${label} has no blob ${what}.`, {
      side: 'source',
      found: 'nothing',
    })
  return {
    label,
    concurrency: layers?.concurrency ?? 1,
    async resolve(asked) {
      if (asked === made.root.digest) return made.root
      throw missing(asked)
    },
    async *read(descriptor, options: ReadOptions = {}): Bytes {
      const bytes = made.documents.get(descriptor.digest)
      if (bytes) yield bytes.subarray(options.from ?? 0)
      else if (layers) yield* layers.read(descriptor, options)
      else throw missing(descriptor.digest)
    },
    async locate(descriptor) {
      return made.documents.has(descriptor.digest) ? undefined : await layers?.locate?.(descriptor)
    },
    // The caller who opened the layers closes them.
    async close() {},
  }
}
