import {
  ContainerImageError,
  command,
  type LocalName,
  option,
  printable,
  shortDigest,
} from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { type OtherPlatforms, othersOfEngineNote } from '../../choice/other-platforms.js'
import { runnableOf } from '../../choice/runnable.js'
import { planCopy } from '../../copy/plan.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../../copy/ports.js'
import { leftOutOf } from '../../delta/base/left-out.js'
import { refuseMissingBase } from '../../delta/base/refuse-missing-base.js'
import type { Engine } from '../../engine/port/engine.js'
import type { Context } from '../../session/context.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { resolveTargets } from '../../targets/targets.js'
import { withJudgedArtifacts } from '../../trust/images/with-judged-artifacts.js'
import type { PlannedLoad } from './planned-load.js'
import { enginesWord, type LoadingRequest, loadedOf } from './send-to-engine.js'

/** An archive or folder that is to be loaded, opened. */
export interface OpenFile extends ChosenImages {
  file: string
}

export async function openFile(
  context: Context,
  file: string,
  { signal }: LoadingRequest,
): Promise<OpenFile> {
  const onOthers = (left: OtherPlatforms): void => context.note(othersOfEngineNote(left))
  return { file, ...(await resolveTargets(context, file, { signal, onOthers })) }
}

/**
 * The images of an archive or folder. For a delta, the engine must have what was left out by the time it is
 * loaded.
 * @param newest those that become `latest`
 * @throws as `load`
 */
export async function planFile(
  context: Context,
  engine: Engine,
  { file, images }: OpenFile,
  newest: ReadonlySet<ChosenImage>,
  request: LoadingRequest,
): Promise<PlannedLoad> {
  const [source] = images.map((image) => image.source)
  if (!source)
    throw new ContainerImageError('ARCHIVE_UNKNOWN', `${printable(file)} holds no image.`, {
      side: 'source',
    })
  const runnable = runnableOf(images, enginesWord(engine), (line) => context.note(line))
  const planned = await plannedFor(context, runnable, newest, request)
  const plan = await planCopy(source, planned, { signal: request.signal })
  return {
    from: file,
    source,
    plan,
    names: runnable.map(({ name }) => name),
    images: () => loadedOf(engine, plan).images,
    check: () => refuseLacking(engine, source, plan, request),
  }
}

async function plannedFor(
  context: Context,
  images: ChosenImage[],
  newest: ReadonlySet<ChosenImage>,
  { signal, noLatest, repository }: LoadingRequest,
): Promise<PlannedImage[]> {
  const planned: PlannedImage[] = []
  for (const image of images) {
    const latest = !noLatest && newest.has(image)
    const [own, ...artifacts] = await withJudgedArtifacts(context, image, { latest, signal })
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
