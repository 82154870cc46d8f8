import {
  ANNOTATIONS,
  type Descriptor,
  engineName,
  formatPlatform,
  type LocalName,
} from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { runnableOf } from '../../choice/runnable.js'
import { refuseOneRepository } from '../../choice/same-place.js'
import { withArtifacts } from '../../choice/travelling.js'
import { planCopy } from '../../copy/plan.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../../copy/ports.js'
import { openEngine } from '../../engine/open-engine.js'
import type { Engine } from '../../engine/port/engine.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import { type TaggedImage, taggedImages } from '../../store/images.js'
import { engineOptions } from '../../targets/engine-options.js'
import { scratchOf } from '../../targets/open-options.js'
import type { LoadResult } from './request.js'
import { enginesWord, type LoadingRequest, sendToEngine } from './send-to-engine.js'

/** One image of the store with all the tags that select it. */
interface ImageToLoad {
  image: TaggedImage
  names: LocalName[]
}

/** Loads images of the store into an engine. @param choose those that are meant @throws as `load` */
export async function loadImages(
  context: Context,
  choose: (images: TaggedImage[]) => TaggedImage[],
  request: LoadingRequest,
): Promise<LoadResult> {
  const store = await context.store()
  const options = { ...engineOptions(request), scratch: scratchOf(context) }
  const engine = await openEngine(request.engine ?? 'auto', options)
  return await closing(engine, async () => {
    const source = await storeLayout(store.places)
    return await closing(source, async () => {
      const chosen = runnableOf(choose(await taggedImages(store)).map(told), enginesWord(engine), (line) =>
        context.note(line),
      )
      const wanted = grouped(chosen, request)
      refuseOneRepository(
        request.repository,
        wanted.map(({ image }) => image.repository),
      )
      const plan = await planOf(source, wanted, request)
      const bytes = await sendToEngine(engine, source, plan, request)
      return { ...described(engine, wanted), ...bytes }
    })
  })
}

/** An image of the store in the form of a chosen image. */
function told(image: TaggedImage): TaggedImage & { root: Descriptor } {
  return { ...image, root: image.entry }
}

/** The tags of one image together; just `latest` if that is all that was requested. */
function grouped(images: TaggedImage[], { repository, noLatest }: LoadingRequest): ImageToLoad[] {
  const found = new Map<string, ImageToLoad>()
  for (const image of images) {
    const key = `${image.entry.digest} ${image.repository}`
    const one = found.get(key) ?? { image, names: [] }
    if (!noLatest || image.tag !== 'latest')
      one.names.push({ repository: repository ?? image.repository, tag: image.tag })
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
      signal,
    })
    if (own) planned.push({ ...own, names }, ...artifacts)
  }
  return await planCopy(source, planned, { signal })
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
      id: image.id,
      tags: names.map(engineName),
      platform: formatPlatform(image.platform),
    })),
  }
}
