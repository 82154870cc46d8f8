import { ANNOTATIONS, type Descriptor, formatLocalName, formatPlatform } from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { withArtifacts } from '../choice/travelling.js'
import { type Context, inContext } from '../context/context.js'
import { copy } from '../copy/copy.js'
import { planCopy } from '../copy/plan.js'
import { fullName } from '../names/full-name.js'
import type { CopyPlan, PlannedImage } from '../ports.js'
import type { InstalledImage, InstallRequest, InstallResult } from '../requests.js'
import { taggedImages } from '../store/images.js'
import { hasBlob } from '../store/ingest.js'
import { type MovedTag, storeSink } from '../store/sink.js'
import type { Store } from '../store/store.js'
import { isPlannedOnly } from './open-options.js'
import { resolveTargets } from './targets.js'

/**
 * Installs images into the store, from archives and folders by path, or from a source by name, and tags each
 * `<name>:<version>` and `<name>:latest`. What is there already is not copied. With `whatIf` it reads and
 * plans, and changes nothing.
 * @throws NO_MATCH, ARCHIVE_UNKNOWN, DIGEST_MISMATCH, NO_SPACE, NETWORK_UNREACHABLE and many more: see docs/errors.md
 */
export async function install(request: InstallRequest): Promise<InstallResult> {
  return await inContext(request, async (context) => {
    const result: InstallResult = { images: [], copiedBytes: 0, reusedBytes: 0, moved: [], alreadyThere: [] }
    for (const target of request.targets) {
      const chosen = await resolveTargets(context, target, request)
      try {
        for (const image of chosen.images) await installOne(context, image, request, result)
      } finally {
        await chosen.close()
      }
    }
    return result
  })
}

async function installOne(
  context: Context,
  image: ChosenImage,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const store = await context.store()
  const signal = request.signal ? { signal: request.signal } : {}
  const planned = await withArtifacts(image, { latest: !request.noLatest, ...signal })
  const plan = await planCopy(image.source, planned, signal)
  const missing = await missingBytes(store, plan)
  if (request.whatIf) {
    result.moved.push(...(await wouldMove(store, planned)))
    result.copiedBytes += missing
    result.reusedBytes += totalBytes(plan) - missing
  } else {
    const sink = storeSink(store, context.hasher)
    const { onProgress } = request
    const task = `Installing ${image.name} ${image.version}`
    const copied = await copy(image.source, plan, sink, {
      task,
      ...signal,
      ...(onProgress ? { onProgress } : {}),
    })
    const made = image.madeBytes ?? 0
    result.copiedBytes += copied.copiedBytes + made
    result.reusedBytes += copied.reusedBytes - made
    result.moved.push(...sink.moved.map(movedTag))
  }
  if (request.expand && !request.whatIf) {
    const { expandInstalled } = await import('./expand-installed.js')
    const tag = planned[0]?.names[0]
    const expanded = await expandInstalled(store, tag ? formatLocalName(tag) : '', request)
    result.expanded = [...(result.expanded ?? []), expanded]
  }
  if (missing === 0) result.alreadyThere.push(image.root.digest)
  result.images.push(await described(store, image, planned[0], plan, request.whatIf ?? false))
}

async function missingBytes(store: Store, plan: CopyPlan): Promise<number> {
  let missing = 0
  for (const descriptor of plan.contents)
    if (!(await hasBlob(store.places, descriptor))) missing += descriptor.size
  return missing
}

function totalBytes(plan: CopyPlan): number {
  return plan.contents.reduce((sum, descriptor) => sum + descriptor.size, 0)
}

function movedTag({ tag, from }: MovedTag): InstallResult['moved'][number] {
  const fromVersion = from.annotations?.[ANNOTATIONS.imageVersion]
  return { tag, from: from.digest, ...(fromVersion === undefined ? {} : { fromVersion }) }
}

async function wouldMove(store: Store, planned: PlannedImage[]): Promise<InstallResult['moved']> {
  const entries = await store.entries()
  const before = (tag: string): Descriptor | undefined =>
    entries.find((entry) => entry.annotations?.[ANNOTATIONS.refName] === tag)
  const moves: InstallResult['moved'] = []
  for (const image of planned)
    for (const name of image.names) {
      const tag = formatLocalName(name)
      const entry = before(tag)
      if (entry && entry.digest !== image.root.digest) moves.push(movedTag({ tag, from: entry }))
    }
  return moves
}

async function described(
  store: Store,
  image: ChosenImage,
  planned: PlannedImage | undefined,
  plan: CopyPlan,
  whatIf: boolean,
): Promise<InstalledImage> {
  const tags = (planned?.names ?? []).map(formatLocalName)
  const stored = whatIf ? undefined : (await taggedImages(store)).find((one) => one.refName === tags[0])
  return {
    name: image.name,
    version: image.version,
    fullName: stored?.fullName ?? fullName(image.publisher ?? 'Unknown', image.name, image.version),
    digest: plan.contents.some(isPlannedOnly) ? '' : image.root.digest,
    tags,
    platform: formatPlatform(image.platform),
    size: stored?.size ?? totalBytes(plan),
  }
}
