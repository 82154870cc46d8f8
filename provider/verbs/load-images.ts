import { ANNOTATIONS, formatPlatform, type LocalName } from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { withArtifacts } from '../choice/travelling.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import { planCopy } from '../copy/plan.js'
import type { Engine } from '../engine/engine.js'
import { engineName } from '../engine/names.js'
import { openEngine } from '../engine/open-engine.js'
import { layoutSource } from '../layout/source.js'
import { folderMembers } from '../members/folder.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../ports.js'
import type { LoadResult } from '../requests.js'
import { type TaggedImage, taggedImages } from '../store/images.js'
import { engineOptions } from './engine-options.js'
import { type LoadingRequest, sendToEngine } from './send-to-engine.js'

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
      const bytes = await sendToEngine(engine, source, plan, request)
      return { ...described(engine, wanted), ...bytes }
    } finally {
      await source.close()
    }
  } finally {
    await engine.close()
  }
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
