import { ContainerImageError, printable, shortDigest } from '../../manifests/index.js'
import { leftOutOf } from '../base/left-out.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { newestOfEachName } from '../choice/newest.js'
import { withArtifacts } from '../choice/travelling.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import { planCopy } from '../copy/plan.js'
import type { Engine } from '../engine/engine.js'
import { openEngine } from '../engine/open-engine.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../ports.js'
import type { LoadResult } from '../requests.js'
import { engineOptions } from './engine-options.js'
import { refuseMissingBase } from './refuse-missing-base.js'
import { type LoadingRequest, loadedOf, sendToEngine } from './send-to-engine.js'
import { resolveTargets } from './targets.js'

/** The images of an archive or folder. Of a delta the engine must have what was left out. @throws as `load` */
export async function loadFile(context: Context, file: string, request: LoadingRequest): Promise<LoadResult> {
  const { signal } = request
  const { images, close } = await resolveTargets(context, file, defined({ signal }))
  try {
    const [source] = images.map((image) => image.source)
    if (!source)
      throw new ContainerImageError('ARCHIVE_UNKNOWN', `${printable(file)} holds no image.`, {
        side: 'source',
      })
    const plan = await planCopy(source, await plannedFor(images, request), defined({ signal }))
    const engine = await openEngine(request.engine ?? 'auto', engineOptions(request))
    try {
      await refuseLacking(engine, source, plan, request)
      const bytes = await sendToEngine(engine, source, plan, request)
      return { ...loadedOf(engine, plan), ...bytes }
    } finally {
      await engine.close()
    }
  } finally {
    await close()
  }
}

async function plannedFor(
  images: ChosenImage[],
  { signal, noLatest, repository }: LoadingRequest,
): Promise<PlannedImage[]> {
  const newest = newestOfEachName(images)
  const planned: PlannedImage[] = []
  for (const image of images) {
    const latest = !noLatest && newest.has(image)
    const [own, ...artifacts] = await withArtifacts(image, { latest, ...defined({ signal }) })
    if (!own) continue
    const names = own.names.map((name) => ({ ...name, repository: repository ?? name.repository }))
    planned.push({ ...own, names }, ...artifacts)
  }
  return planned
}

/** @throws BASE_MISSING, also of a layer that only a store could put together */
async function refuseLacking(
  engine: Engine,
  source: ImageSource,
  plan: CopyPlan,
  { signal }: LoadingRequest,
): Promise<void> {
  if (!source.delta) return
  const lacking = new Set((await engine.lacks(plan, defined({ signal }))).map(({ digest }) => digest))
  const inBlocks = source.delta.missing.filter(({ digest, delta }) => delta && lacking.has(digest))
  if (inBlocks.length > 0)
    throw new ContainerImageError(
      'BASE_MISSING',
      `${printable(source.label)} has what is new in a layer alone, and no engine puts layers together.`,
      {
        side: 'source',
        expected: inBlocks.map(({ digest }) => shortDigest(digest)).join(', '),
        found: 'a delta of blocks',
        remedy: `Use \`containerimage install FILE --engine ${engine.kind}\`, which does that in the store and loads the image from there.`,
      },
    )
  const left = leftOutOf([{ source, plan }])
  await refuseMissingBase(source, plan, left, async ({ digest }) => !lacking.has(digest))
}
