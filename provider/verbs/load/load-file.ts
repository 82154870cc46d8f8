import {
  ContainerImageError,
  command,
  type LocalName,
  option,
  printable,
  shortDigest,
} from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { newestOfEachName } from '../../choice/newest.js'
import { runnableOf } from '../../choice/runnable.js'
import { refuseOnePlace, refuseOneRepository } from '../../choice/same-place.js'
import { withArtifacts } from '../../choice/travelling.js'
import { planCopy } from '../../copy/plan.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../../copy/ports.js'
import { leftOutOf } from '../../delta/base/left-out.js'
import { refuseMissingBase } from '../../delta/base/refuse-missing-base.js'
import { openEngine } from '../../engine/open-engine.js'
import type { Engine } from '../../engine/port/engine.js'
import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import { engineOptions } from '../../targets/engine-options.js'
import { scratchOf } from '../../targets/open-options.js'
import { resolveTargets } from '../../targets/targets.js'
import type { LoadResult } from './request.js'
import { enginesWord, type LoadingRequest, loadedOf, sendToEngine } from './send-to-engine.js'

/**
 * The images of an archive or folder. For a delta, the engine must have what was left out. @throws as `load`
 */
export async function loadFile(context: Context, file: string, request: LoadingRequest): Promise<LoadResult> {
  const { signal } = request
  const { images, close } = await resolveTargets(context, file, { signal })
  return await closing(close, async () => {
    const [source] = images.map((image) => image.source)
    if (!source)
      throw new ContainerImageError('ARCHIVE_UNKNOWN', `${printable(file)} holds no image.`, {
        side: 'source',
      })
    const options = { ...engineOptions(request), scratch: scratchOf(context) }
    const engine = await openEngine(request.engine ?? 'auto', options)
    return await closing(engine, async () => {
      const runnable = runnableOf(images, enginesWord(engine), (line) => context.note(line))
      const planned = await plannedFor(runnable, request)
      refuseOnePlace(planned)
      const plan = await planCopy(source, planned, { signal })
      await refuseLacking(engine, source, plan, request)
      const bytes = await sendToEngine(engine, source, plan, request)
      return { ...loadedOf(engine, plan), ...bytes }
    })
  })
}

async function plannedFor(
  images: ChosenImage[],
  { signal, noLatest, repository }: LoadingRequest,
): Promise<PlannedImage[]> {
  refuseOneRepository(
    repository,
    images.map(({ name }) => name),
  )
  const newest = newestOfEachName(images)
  const planned: PlannedImage[] = []
  for (const image of images) {
    const latest = !noLatest && newest.has(image)
    const [own, ...artifacts] = await withArtifacts(image, { latest, signal })
    if (!own) continue
    const names = repository === undefined ? own.names : namesIn(repository, own.names)
    planned.push({ ...own, names }, ...artifacts)
  }
  return planned
}

/** Its own tags in another repository; the name it was fetched by does not apply there. */
function namesIn(repository: string, names: LocalName[]): LocalName[] {
  return names
    .filter((name) => name.repository === names[0]?.repository)
    .map(({ tag }) => ({ repository, tag }))
}

/** @throws BASE_MISSING, also for a layer that only a store can restore */
async function refuseLacking(
  engine: Engine,
  source: ImageSource,
  plan: CopyPlan,
  { signal }: LoadingRequest,
): Promise<void> {
  if (!source.delta) return
  const lacking = new Set((await engine.lacks(plan, { signal })).map(({ digest }) => digest))
  const inBlocks = source.delta.missing.filter(({ digest, delta }) => delta && lacking.has(digest))
  if (inBlocks.length > 0)
    throw new ContainerImageError(
      'BASE_MISSING',
      `${printable(source.label)} has what is new in a layer alone, and no engine puts layers together.`,
      {
        side: 'source',
        expected: inBlocks.map(({ digest }) => shortDigest(digest)).join(', '),
        found: 'a delta of blocks',
        remedy: `Use ${command('install', 'FILE', option('engine'), `${engine.kind}`)}, which does that in the store and loads the image from there.`,
      },
    )
  const left = leftOutOf([{ source, plan }])
  await refuseMissingBase(source, plan, left, async ({ digest }) => !lacking.has(digest))
}
