import { type Descriptor, engineName, formatPlatform, type LocalName } from '../../../manifests/index.js'
import { runnableOf } from '../../choice/runnable.js'
import { planCopy } from '../../copy/plan.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../../copy/ports.js'
import type { Engine } from '../../engine/port/engine.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import { asChosen } from '../../store/as-chosen.js'
import { type TaggedImage, taggedImages } from '../../store/images.js'
import { withJudgedArtifacts } from '../../trust/images/with-judged-artifacts.js'
import type { PlannedLoad } from './planned-load.js'
import type { LoadedImage, LoadResult } from './request.js'
import { sendAll, withEngine } from './send-all.js'
import { enginesWord, type LoadingRequest } from './send-to-engine.js'

/** One image of the store with all the tags that select it. */
interface ImageToLoad {
  image: TaggedImage
  names: LocalName[]
}

/** Loads images from the store into an engine. @param choose picks those that are meant @throws as `load` */
export async function loadImages(
  context: Context,
  choose: (images: TaggedImage[]) => TaggedImage[],
  request: LoadingRequest,
): Promise<LoadResult> {
  return await withEngine(context, request, async (engine) => {
    const source = await storeLayout(await context.store())
    return await closing(source, async () =>
      sendAll(context, engine, [await planStored(context, engine, source, choose, request)], request),
    )
  })
}

/** @param source the store's @throws as `load` */
export async function planStored(
  context: Context,
  engine: Engine,
  source: ImageSource,
  choose: (images: TaggedImage[]) => TaggedImage[],
  request: LoadingRequest,
): Promise<PlannedLoad> {
  const chosen = runnableOf(
    choose(await taggedImages(await context.store())).map(told),
    enginesWord(engine),
    (line) => context.note(line),
  )
  const wanted = grouped(chosen, request)
  return {
    from: 'the store',
    source,
    plan: await planOf(context, source, wanted, request),
    names: wanted.map(({ image }) => image.repository),
    images: () => wanted.map(described),
  }
}

/** An image of the store in the form in which chosen images are described. */
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
  context: Context,
  source: ImageSource,
  wanted: ImageToLoad[],
  { signal }: LoadingRequest,
): Promise<CopyPlan> {
  const planned: PlannedImage[] = []
  for (const { image, names } of wanted) {
    const [own, ...artifacts] = await withJudgedArtifacts(context, asChosen(source, image), {
      latest: false,
      signal,
    })
    if (own) planned.push({ ...own, names }, ...artifacts)
  }
  return await planCopy(source, planned, { signal })
}

function described({ image, names }: ImageToLoad): LoadedImage {
  return {
    name: image.name,
    version: image.version,
    digest: image.entry.digest,
    id: image.id,
    tags: names.map(engineName),
    platform: formatPlatform(image.platform),
  }
}
