import { ANNOTATIONS, type Descriptor, formatPlatform, type LocalName } from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { withArtifacts } from '../choice/travelling.js'
import { type Context, inContext } from '../context/context.js'
import { defined } from '../context/defined.js'
import { copy } from '../copy/copy.js'
import { planCopy } from '../copy/plan.js'
import type { Engine } from '../engine/engine.js'
import { engineName } from '../engine/names.js'
import { openEngine } from '../engine/open-engine.js'
import { engineBound } from '../engine/planned.js'
import { checkLoaded } from '../engine/read-back.js'
import { layoutSource } from '../layout/source.js'
import { folderMembers } from '../members/folder.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../ports.js'
import type { CommonOptions, LoadOptions, LoadRequest, LoadResult } from '../requests.js'
import { notInstalled, type TaggedImage, taggedImages } from '../store/images.js'
import { engineOptions } from './engine-options.js'
import { selects } from './get.js'

/** What decides how images are loaded, whichever verb asks. */
type LoadingRequest = CommonOptions & LoadOptions & { noLatest?: boolean }

/**
 * Brings installed images into an engine, under their names and `latest`; only what the engine lacks is
 * sent. The result is read back from the engine and compared before it counts.
 * @throws NOT_INSTALLED, ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_MISMATCH, NO_SPACE
 */
export async function load(request: LoadRequest): Promise<LoadResult> {
  return await inContext(request, async (context) => {
    const images = await taggedImages(await context.store())
    const missing = request.names.find((name) => !images.some(selects([name])))
    if (missing !== undefined) throw notInstalled(missing, images)
    return await loadImages(context, selects(request.names), request)
  })
}

/** One image of the store with all the tags that select it. */
interface ImageToLoad {
  image: TaggedImage
  names: LocalName[]
}

/** Brings those images of the store into an engine that a condition holds for. @throws as `load` */
export async function loadImages(
  context: Context,
  isWanted: (image: TaggedImage) => boolean,
  request: LoadingRequest,
): Promise<LoadResult> {
  const store = await context.store()
  const engine = await openEngine(request.engine ?? 'auto', engineOptions(request))
  try {
    const source = await layoutSource(folderMembers(store.places.root), 'store')
    try {
      const wanted = grouped((await taggedImages(store)).filter(isWanted), request)
      const plan = await planOf(source, wanted, request)
      const bytes = await send(engine, source, plan, request)
      return { ...described(engine, wanted), ...bytes }
    } finally {
      await source.close()
    }
  } finally {
    await engine.close()
  }
}

/** For what-if, of images that are not in the store yet. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function wouldLoad(plan: CopyPlan, request: LoadingRequest): Promise<LoadResult> {
  const engine = await openEngine(request.engine ?? 'auto', engineOptions(request))
  try {
    const sentBytes = totalOf(await engine.lacks(plan, defined({ signal: request.signal })))
    const images = engineBound(plan).map(({ planned, manifest, config }) => ({
      name: planned.names[0]?.repository ?? '',
      version: planned.names[0]?.tag ?? '',
      digest: planned.root.digest,
      id: manifest.config.digest,
      tags: planned.names.map(engineName),
      platform: formatPlatform(config),
    }))
    const reusedBytes = totalOf(layersOf(plan)) - sentBytes
    return { engine: engine.kind, engineLabel: engine.label, images, sentBytes, reusedBytes }
  } finally {
    await engine.close()
  }
}

async function send(
  engine: Engine,
  source: ImageSource,
  plan: CopyPlan,
  request: LoadingRequest,
): Promise<Pick<LoadResult, 'sentBytes' | 'reusedBytes'>> {
  const { signal, onProgress, pin } = request
  const total = totalOf(layersOf(plan))
  const lacking = totalOf(await engine.lacks(plan, defined({ signal })))
  if (request.whatIf) return { sentBytes: lacking, reusedBytes: total - lacking }
  const sink = engine.sink(defined({ pin }))
  await copy(source, plan, sink, { task: `Loading into ${engine.label}`, ...defined({ signal, onProgress }) })
  await checkLoaded(engine, plan, signal)
  return { sentBytes: sink.sentBytes, reusedBytes: Math.max(0, total - sink.sentBytes) }
}

/** The layers that an engine runs images from: of an index those of one image, each once. */
function layersOf(plan: CopyPlan): Descriptor[] {
  const layers = engineBound(plan).flatMap(({ manifest }) => manifest.layers)
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()]
}

function totalOf(descriptors: { size: number }[]): number {
  return descriptors.reduce((sum, { size }) => sum + size, 0)
}

/** The tags of one image together; `latest` alone where that is all that was asked for. */
function grouped(images: TaggedImage[], { repository, noLatest }: LoadingRequest): ImageToLoad[] {
  const found = new Map<string, ImageToLoad>()
  for (const image of images) {
    const key = `${image.entry.digest} ${image.local.repository}`
    const one = found.get(key) ?? { image, names: [] }
    if (!noLatest || image.local.tag !== 'latest')
      one.names.push({ repository: repository ?? image.local.repository, tag: image.local.tag })
    found.set(key, one)
  }
  return [...found.values()]
}

async function planOf(
  source: ImageSource,
  wanted: ImageToLoad[],
  { signal }: LoadingRequest,
): Promise<CopyPlan> {
  const planned: PlannedImage[] = []
  for (const { image, names } of wanted) {
    const [own, ...artifacts] = await withArtifacts(chosenOf(source, image), {
      latest: false,
      ...defined({ signal }),
    })
    if (own) planned.push({ ...own, names }, ...artifacts)
  }
  return await planCopy(source, planned, defined({ signal }))
}

function chosenOf(source: ImageSource, image: TaggedImage): ChosenImage {
  const { [ANNOTATIONS.refName]: _, ...annotations } = image.entry.annotations ?? {}
  const { name, version, platform } = image
  return { source, root: image.entry, name, version, platform, annotations }
}

function described(engine: Engine, wanted: ImageToLoad[]): Omit<LoadResult, 'sentBytes' | 'reusedBytes'> {
  return {
    engine: engine.kind,
    engineLabel: engine.label,
    images: wanted.map(({ image, names }) => ({
      name: image.name,
      version: image.version,
      digest: image.entry.digest,
      id: image.configDigest,
      tags: names.map(engineName),
      platform: formatPlatform(image.platform),
    })),
  }
}
