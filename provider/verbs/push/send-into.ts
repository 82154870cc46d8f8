import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  distinct,
  hasCode,
  isForeignLayerType,
  isIndexType,
  isManifestType,
  shortDigest,
} from '../../../manifests/index.js'
import { carriedWith } from '../../choice/travelling.js'
import { combined } from '../../copy/combined-source.js'
import { copy } from '../../copy/copy.js'
import { inParallel } from '../../copy/in-parallel.js'
import { planCopy } from '../../copy/plan.js'
import type { CopyPlan, ImageSource } from '../../copy/ports.js'
import type { GateRequest } from '../../gate/command.js'
import { gateBefore } from '../../gate/gate.js'
import { labelOf } from '../../names/image-names.js'
import type { Mounts } from '../../registry/push/mounts.js'
import { type MovedTag, type RegistrySink, registrySink } from '../../registry/push/sink.js'
import type { Context } from '../../session/context.js'
import type { CommonOptions, ReferrersOptions } from '../../session/options.js'
import { withJudgedArtifacts } from '../../trust/images/with-judged-artifacts.js'
import type { ImageToPush } from './image-to-push.js'
import type { PushedImage, PushResult } from './request.js'

/** A repository of a registry that images are sent into. */
export interface RepositoryPlace {
  /** host[:port] */
  registry: string
  repository: string
  insecure: boolean
}

/** What a request says about how images are sent. */
export interface SendingRequest extends CommonOptions, ReferrersOptions, GateRequest {
  allowNondistributable?: boolean | undefined
}

/** How the display describes the work. */
export type Doing = 'Pushing' | 'Copying'

interface PlannedPush {
  source: ImageSource
  plan: CopyPlan
  /** What goes with it: each on its own, after the image. */
  along: CopyPlan[]
  described: PushedImage
}

/**
 * Sends images into one repository, with what goes along with them, and adds to a result what was done. With `whatIf`
 * the registry is only asked what it has.
 * @param mounts where blobs of the same registry may be, and are known to be
 */
export async function sendInto(
  context: Context,
  place: RepositoryPlace,
  images: ImageToPush[],
  mounts: Mounts,
  request: SendingRequest,
  result: PushResult,
  doing: Doing = 'Pushing',
): Promise<void> {
  const { registry, repository, insecure } = place
  const destination = { registry, repository, insecure, client: await context.registry() }
  const sink = registrySink(destination, mounts)
  const parts: PlannedPush[] = []
  for (const image of images) {
    const part = await planPush(context, place, image, request)
    const { mountFrom } = image
    if (mountFrom !== undefined)
      for (const { digest } of contentsOf([part.plan, ...part.along])) mounts.suppose(digest, mountFrom)
    parts.push(part)
  }
  if (request.whatIf) for (const part of parts) await tellWhatWould(sink, part, request, result)
  else {
    const { source, plan } = combined(parts)
    await gateBefore(context, source, plan, request)
    const task = `${doing} ${images.map(({ image }) => labelOf(image)).join(', ')}`
    const { signal, onProgress } = request
    const copied = await copy(source, plan, sink, { task, signal, onProgress })
    result.sentBytes += copied.copiedBytes
    result.reusedBytes += copied.reusedBytes
    for (const part of parts) await pushAlong(context, part, sink, request, result, doing)
    result.mountedBytes += sink.mountedBytes
    result.reusedBytes -= sink.mountedBytes
    tellMoves(result, sink.moved, parts)
  }
  result.images.push(...parts.map(({ described }) => described))
}

/**
 * Pushes what goes with an image. Some registries accept only images: that is no reason to fail, as the image
 * is there by then.
 */
async function pushAlong(
  context: Context,
  { source, along, described }: PlannedPush,
  sink: RegistrySink,
  { requireReferrers, signal }: SendingRequest,
  result: PushResult,
  doing: Doing,
): Promise<void> {
  for (const plan of along) {
    const digest = plan.images[0]?.root.digest
    const artifact = described.artifacts?.find((one) => one.digest === digest)
    try {
      const task = `${doing} ${artifact?.kind ?? 'artifact'} of ${described.name}`
      const copied = await copy(source, plan, sink, { task, signal })
      result.sentBytes += copied.copiedBytes
      result.reusedBytes += copied.reusedBytes
    } catch (error) {
      const isOurs = error instanceof ContainerImageError && error.code !== 'INTERRUPTED'
      if (requireReferrers || !isOurs || signal?.aborted) throw error
      context.note(
        `${described.reference}: its ${artifact?.kind ?? 'artifact'} ${digest} does not go along: ${error.message}`,
      )
      const others = described.artifacts?.filter((one) => one !== artifact) ?? []
      if (others.length > 0) described.artifacts = others
      else delete described.artifacts
    }
  }
}

/** A tag that others pull now means another image. */
function tellMoves(result: PushResult, moved: MovedTag[], parts: PlannedPush[]): void {
  if (moved.length === 0) return
  const versionOf = (digest: Digest): string | undefined =>
    parts.find(({ described }) => described.digest === digest)?.described.version
  const told = moved.map((move) => ({ ...move, toVersion: versionOf(move.to) }))
  result.moved = [...(result.moved ?? []), ...told]
}

async function planPush(
  context: Context,
  { registry, repository }: RepositoryPlace,
  { image, tags }: ImageToPush,
  request: SendingRequest,
): Promise<PlannedPush> {
  const { noReferrers, signal } = request
  const [own, ...artifacts] = await withJudgedArtifacts(context, image, {
    latest: false,
    noReferrers,
    signal,
  })
  // The index that the image was chosen from names images that are not here; a registry would refuse it.
  const planned = own ? [{ ...own, companions: [], names: tags.map((tag) => ({ repository, tag })) }] : []
  const whole = await planCopy(image.source, planned, { signal })
  const plan = await withoutForeign(context, image.source, whole, request.allowNondistributable ?? false)
  const along: CopyPlan[] = []
  for (const artifact of artifacts) along.push(await planCopy(image.source, [artifact], { signal }))
  const described: PushedImage = {
    name: image.name,
    version: image.version,
    reference: `${registry}/${repository}${tags[0] === undefined ? `@${image.root.digest}` : `:${tags[0]}`}`,
    digest: image.root.digest,
    tags: tags.map((tag) => `${repository}:${tag}`),
    size: contentsOf([plan, ...along]).reduce((sum, { size }) => sum + size, 0),
    ...image.artifact,
    ...carriedWith(image.root.digest, artifacts),
  }
  return { source: image.source, plan, along, described }
}

/** Each once. */
function contentsOf(plans: CopyPlan[]): Descriptor[] {
  return distinct(plans.flatMap(({ contents }) => contents))
}

/**
 * Leaves nondistributable layers to the URLs in their manifest (image-spec, layer.md, "Non-Distributable
 * Layers"), as docker and skopeo do; if requested, those that are here are pushed as well.
 */
async function withoutForeign(
  context: Context,
  source: ImageSource,
  plan: CopyPlan,
  allowed: boolean,
): Promise<CopyPlan> {
  const contents: Descriptor[] = []
  for (const descriptor of plan.contents) {
    const isForeign = isForeignLayerType(descriptor.mediaType) && (descriptor.urls?.length ?? 0) > 0
    if (!isForeign || (allowed && (await isHere(source, descriptor)))) contents.push(descriptor)
    else if (allowed)
      context.note(`Layer ${shortDigest(descriptor.digest)} is not here and stays at the URLs that it names.`)
  }
  return { ...plan, contents }
}

async function isHere(source: ImageSource, descriptor: Descriptor): Promise<boolean> {
  try {
    for await (const _ of source.read(descriptor)) return true
    return descriptor.size === 0
  } catch (error) {
    if (hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) return false
    throw error
  }
}

/** A few requests at a time; nothing is sent. */
async function tellWhatWould(
  sink: RegistrySink,
  part: PlannedPush,
  { signal }: SendingRequest,
  result: PushResult,
): Promise<void> {
  const { plan, along, described } = part
  const there = new Set<Digest>()
  const contents = contentsOf([plan, ...along])
  await sink.begin?.(plan, { signal })
  await inParallel(contents, sink.concurrency ?? 1, signal, async (descriptor) => {
    if (await sink.has(descriptor)) there.add(descriptor.digest)
  })
  const bytes = (contents: Descriptor[]): number => contents.reduce((sum, { size }) => sum + size, 0)
  const missing = contents.filter(({ digest }) => !there.has(digest))
  described.wouldSend = {
    bytes: bytes(missing),
    blobs: missing.filter((one) => !isManifestType(one.mediaType) && !isIndexType(one.mediaType)).length,
  }
  result.sentBytes += described.wouldSend.bytes
  result.reusedBytes += described.size - described.wouldSend.bytes
  tellMoves(result, await sink.movesOf(plan.images, signal), [part])
}
