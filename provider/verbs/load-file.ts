import { ContainerImageError, printable } from '../../manifests/index.js'
import { leftOutOf } from '../base/left-out.js'
import { newestOfEachName } from '../choice/newest.js'
import { withArtifacts } from '../choice/travelling.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import { planCopy } from '../copy/plan.js'
import { openEngine } from '../engine/open-engine.js'
import type { PlannedImage } from '../ports.js'
import type { LoadResult } from '../requests.js'
import { engineOptions } from './engine-options.js'
import { refuseMissingBase } from './refuse-missing-base.js'
import { type LoadingRequest, loadedOf, sendToEngine } from './send-to-engine.js'
import { resolveTargets } from './targets.js'

/** The images of an archive or folder. Of a delta the engine must have what was left out. */
export async function loadFile(context: Context, file: string, request: LoadingRequest): Promise<LoadResult> {
  const { signal, noLatest, repository } = request
  const { images, close } = await resolveTargets(context, file, defined({ signal }))
  const engine = await openEngine(request.engine ?? 'auto', engineOptions(request))
  try {
    const newest = newestOfEachName(images)
    const planned: PlannedImage[] = []
    for (const image of images) {
      const latest = !noLatest && newest.has(image)
      const [own, ...artifacts] = await withArtifacts(image, { latest, ...defined({ signal }) })
      if (!own) continue
      const names = own.names.map((name) => ({ ...name, repository: repository ?? name.repository }))
      planned.push({ ...own, names }, ...artifacts)
    }
    const [source] = images.map((image) => image.source)
    if (!source)
      throw new ContainerImageError('ARCHIVE_UNKNOWN', `${printable(file)} holds no image.`, {
        side: 'source',
      })
    const plan = await planCopy(source, planned, defined({ signal }))
    if (source.delta) {
      const lacking = new Set((await engine.lacks(plan, defined({ signal }))).map(({ digest }) => digest))
      await refuseMissingBase(
        source,
        plan,
        leftOutOf([{ source, plan }]),
        async ({ digest }) => !lacking.has(digest),
      )
    }
    const bytes = await sendToEngine(engine, source, plan, request)
    return { ...loadedOf(engine, plan), ...bytes }
  } finally {
    await close()
    await engine.close()
  }
}
