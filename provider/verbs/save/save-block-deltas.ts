import {
  type CarriedDelta,
  type Descriptor,
  type Digest,
  hasCode,
  type MissingBlob,
} from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import type { CopyPlan, ImageSource } from '../../copy/ports.js'
import type { Base, BaseLayer } from '../../delta/base/base.js'
import { basesOf, deltaDescriptor } from '../../delta/base/leave-out.js'
import { canBePlain, type PlainLayer, withPlainLayers } from '../../delta/base/plain-layers.js'
import { layersBelow } from '../../delta/base/stacks.js'
import type { FileRange } from '../../io/bytes.js'
import { readRange } from '../../io/files/read-range.js'
import { makeScratch, type Scratch } from '../../io/files/scratch.js'
import { sizeInWords } from '../../io/files/sizes.js'
import type { Context } from '../../session/context.js'
import { scratchOf } from '../../targets/open-options.js'
import { withLayerFiles } from './layer-files.js'
import { olderSources } from './older-sources.js'
import type { SavingRequest } from './saving-request.js'

/** For a smaller layer a delta does not save enough to be worthwhile. */
const LEAST_BYTES = 64 * 1024
/** The largest part of its layer's bytes that a delta may have; else the whole layer is saved. */
const WORTH = 0.8

/** A plan with the source of its blobs. */
export interface Planned {
  source: ImageSource
  plan: CopyPlan
}

/** A layer that became smaller, and where its delta is. */
interface Cut {
  missing: MissingBlob
  file: FileRange
  /** If the compressed bytes cannot be restored. */
  plain?: PlainLayer
}

/**
 * Replaces each layer that the other side lacks by its difference from an older layer that the other side
 * has, if that is smaller and the bytes of the older one are available here.
 * @throws what reading layers throws
 */
export async function withBlockDeltas(
  context: Context,
  images: ChosenImage[],
  planned: Planned,
  request: SavingRequest,
): Promise<Planned> {
  const { bases = [] } = request
  if (bases.length === 0) return planned
  const scratch = await makeScratch(scratchOf(context))
  context.onClose(() => scratch.remove())
  const cuts = new Map<Digest, Cut>()
  const allowTar = canBePlain(planned.plan)
  for (const image of images)
    for (const layer of await layersToCut(image, planned.plan))
      if (!cuts.has(layer.digest)) {
        const cut = await cutLayer(context, image, layer, scratch, { ...request, allowTar })
        // Two compressions of one tar give the same plain layer, which has one delta.
        const known = [...cuts.values()].find(({ missing }) => missing.digest === cut?.missing.digest)
        if (cut) cuts.set(layer.digest, known ?? cut)
      }
  return cuts.size === 0 ? planned : withCuts(planned, cuts, bases)
}

/** Layers of an image that would be saved whole. */
async function layersToCut(image: ChosenImage, plan: CopyPlan): Promise<BaseLayer[]> {
  const going = new Set(plan.contents.map(({ digest }) => digest))
  return layersBelow(plan, image.root).filter(({ digest, size }) => going.has(digest) && size >= LEAST_BYTES)
}

/** The first place that has the older layer is used; if none has it, the whole layer is saved. */
async function cutLayer(
  context: Context,
  image: ChosenImage,
  layer: BaseLayer,
  scratch: Scratch,
  request: SavingRequest & { allowTar: boolean },
): Promise<Cut | undefined> {
  const older = olderLayer(image, layer, request.bases ?? [])
  if (!older) return undefined
  for await (const source of olderSources(context, image, older, request)) {
    try {
      return await cutAgainst(
        context,
        image,
        layer,
        { ...image, name: older.name, version: older.version, source },
        older.layer,
        { scratch: scratch.path, allowTar: request.allowTar },
      )
    } catch (error) {
      if (!hasCode(error, 'NOT_FOUND', 'BLOB_MISSING')) throw error
    }
  }
  context.note(
    `${image.name} ${image.version}: a layer of ${sizeInWords(layer.size)} goes whole; of ${older.name} ${older.version}, which the other side has, nothing can be read here.`,
  )
  return undefined
}

/** A layer of an older image. */
interface OlderLayer {
  name: string
  version: string
  layer: BaseLayer
}

/** Among the older images of the same name that all bases have, the layer closest in size. */
function olderLayer(image: ChosenImage, layer: BaseLayer, bases: Base[]): OlderLayer | undefined {
  const [first, ...others] = bases
  const isEverywhere = ({ digest }: BaseLayer): boolean => others.every((base) => base.blobs.has(digest))
  const alike = first?.images.filter(({ name }) => name.toLowerCase() === image.name.toLowerCase()) ?? []
  const far = ({ layer: { size } }: OlderLayer): number => Math.abs(Math.log(size / layer.size))
  return alike
    .flatMap(({ name, version, layers }) => layers.map((one) => ({ name, version, layer: one })))
    .filter((one) => one.layer.digest !== layer.digest && one.layer.size >= LEAST_BYTES)
    .filter((one) => isEverywhere(one.layer))
    .sort((a, b) => far(a) - far(b))[0]
}

async function cutAgainst(
  context: Context,
  image: ChosenImage,
  layer: BaseLayer,
  olderImage: ChosenImage,
  older: BaseLayer,
  options: { scratch: string; allowTar: boolean },
): Promise<Cut | undefined> {
  const { cutDelta } = await import('../../delta/blocks/index.js')
  const { signal } = context.options
  const made = await withLayerFiles(context, olderImage, [asLayer(older)], ({ layers: [base] }) =>
    withLayerFiles(context, image, [asLayer(layer)], async ({ layers: [own] }) => {
      if (!own || !base) return undefined
      const next = { range: own.range, descriptor: own.descriptor, diffId: layer.diffId }
      const before = { range: base.range, digest: older.digest, diffId: older.diffId }
      return await cutDelta(next, [before], { ...options, signal })
    }),
  )
  if (!made || made.file.size > layer.size * WORTH) return undefined
  const delta = await carried(context, made.file, made.delta.bases)
  const { exact, diffId, streamSize } = made.delta
  context.note(
    `${image.name} ${image.version}: a layer of ${sizeInWords(layer.size)} goes as ${sizeInWords(delta.size)}${exact ? '' : ', and will be kept uncompressed: its compressed bytes cannot be made again'}.`,
  )
  const missing = {
    digest: exact ? layer.digest : diffId,
    size: exact ? layer.size : streamSize,
    neededBy: [`${image.name} ${image.version}`],
    inBase: [`${olderImage.name} ${olderImage.version}`],
    delta,
  }
  return { missing, file: made.file, plain: exact ? undefined : { digest: diffId, size: streamSize } }
}

/** Its bytes decide how a layer is compressed, not the media type that it has here. */
function asLayer({ digest, size }: BaseLayer): Descriptor {
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size }
}

async function carried(
  context: Context,
  file: FileRange,
  needs: CarriedDelta['needs'],
): Promise<CarriedDelta> {
  const { signal } = context.options
  const { hex } = await context.hasher.run({ source: file, algorithm: 'sha256' }, { signal })
  return {
    digest: `sha256:${hex}`,
    size: file.size,
    needs: needs.map(({ digest, diffId, size }) => ({ digest, diffId, size })),
  }
}

/** The plan with deltas for layers, and a source that has them. */
function withCuts({ source, plan }: Planned, cuts: Map<Digest, Cut>, bases: Base[]): Planned {
  const places = new Map([...cuts.values()].map(({ missing, file }) => [missing.delta?.digest, file]))
  const added = [...new Set(cuts.values())].map(({ missing }) => missing)
  const missing = [...(plan.delta?.missing ?? []), ...added].sort((a, b) => (a.digest < b.digest ? -1 : 1))
  const deltas = added.flatMap(({ delta }) => (delta ? [deltaDescriptor(delta)] : []))
  const rewritten = withPlainLayers(plan, plainOf(cuts))
  return {
    plan: {
      ...rewritten,
      contents: [...deltas, ...rewritten.contents.filter(({ digest }) => !cuts.has(digest))],
      delta: { deltaVersion: 1, bases: plan.delta?.bases ?? basesOf(bases), missing },
    },
    source: withFiles(source, places),
  }
}

function plainOf(cuts: Map<Digest, Cut>): Map<Digest, PlainLayer> {
  return new Map([...cuts].flatMap(([digest, { plain }]) => (plain ? [[digest, plain] as const] : [])))
}

function withFiles(source: ImageSource, places: Map<Digest | undefined, FileRange>): ImageSource {
  return {
    label: source.label,
    concurrency: source.concurrency,
    resolve: (name, options) => source.resolve(name, options),
    read: (descriptor, options) => {
      const range = places.get(descriptor.digest)
      return range ? readRange(range, options) : source.read(descriptor, options)
    },
    locate: async (descriptor) => places.get(descriptor.digest) ?? (await source.locate?.(descriptor)),
    order: (descriptors) => {
      const own = descriptors.filter(({ digest }) => !places.has(digest))
      return [...descriptors.filter(({ digest }) => places.has(digest)), ...(source.order?.(own) ?? own)]
    },
    close: () => source.close(),
  }
}
