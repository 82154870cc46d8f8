import { leftOut } from '../../choice/runnable.js'
import { closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import { Failures, tellingDone } from '../../session/failures.js'
import type { TaggedImage } from '../../store/images.js'
import { engineOptions } from '../../targets/engine-options.js'
import { scratchOf } from '../../targets/open-options.js'
import { withReadable } from '../../targets/readable.js'
import { isFirstUnchecked, tellUnchecked } from '../../trust/taking/unchecked.js'
import type { LoadResult } from '../load/request.js'
import { checkReceipt, writeReceipt } from './install-receipt.js'
import { installTargets } from './install-targets.js'
import { tellNewerDatabase } from './newer-database.js'
import type { InstalledImage, InstallRequest, InstallResult } from './request.js'

/**
 * Installs images into the store, from archives and folders by path, or from a source by name, and tags each
 * `<name>:<version>` and `<name>:latest`. What is already there is not copied. With `whatIf` it reads and
 * plans, and changes nothing.
 * @throws NO_MATCH, ARCHIVE_UNKNOWN, DIGEST_MISMATCH, NO_SPACE, NETWORK_UNREACHABLE and many more: see docs/errors.md
 */
export async function install(request: InstallRequest): Promise<InstallResult> {
  return await withReadable(request, request.targets, (targets, rest) => installFrom({ ...rest, targets }))
}

async function installFrom(request: InstallRequest): Promise<InstallResult> {
  return await inContext(request, async (context) => {
    const counts = { copiedBytes: 0, reusedBytes: 0 }
    const lists = { images: [], origins: [], moved: [], alreadyThere: [], blobs: [], layers: [] }
    const result: InstallResult = { ...lists, ...counts }
    const failures = new Failures(request)
    const receipt = await checkReceipt(context, request)
    if (request.engine && !request.whatIf) await checkEngine(context, request)
    const isUnchecked = await isFirstUnchecked(context, request.targets)
    await tellingDone(
      () => (result.images.length > 0 && !request.whatIf ? result : undefined),
      async () => {
        try {
          await closing(
            () => keepChecked(context, request, result),
            () => installTargets(context, request, failures, result),
          )
        } catch (error) {
          // A refusal is worth a receipt, but a receipt that fails is not worth another error.
          if (context.verdict) result.gate = context.verdict
          await writeReceipt(context, request, receipt, result, error).catch(() => {})
          throw error
        }
      },
    )
    if (failures.failed.length > 0) result.failed = failures.failed
    if (context.verdict) result.gate = context.verdict
    if (isUnchecked && result.images.length > 0) tellUnchecked(context)
    await tellNewerDatabase(context, request.targets)
    await writeReceipt(context, request, receipt, result)
    if (request.engine) tellNotLoaded(context, result)
    if (request.engine && !request.whatIf && result.images.some(isRunnable))
      result.loaded = await loadInstalled(context, result, request)
    return result
  })
}

/** Once for all copies of the run: if it is killed before that, the next run hashes again what this one brought. */
async function keepChecked(
  context: Context,
  { whatIf }: InstallRequest,
  result: InstallResult,
): Promise<void> {
  if (!whatIf && result.images.length > 0) await (await context.store()).checked.keep()
}

/** It is better to know before the work that an engine cannot be reached. @throws ENGINE_UNREACHABLE */
async function checkEngine(context: Context, request: InstallRequest): Promise<void> {
  const { openEngine } = await import('../../engine/open-engine.js')
  const options = { ...engineOptions(request), scratch: scratchOf(context) }
  const engine = await openEngine(request.engine ?? 'auto', options)
  await engine.close()
}

function isRunnable({ kind }: InstalledImage): boolean {
  return kind === undefined
}

/** An installed chart is where it belongs, although no engine takes it. */
function tellNotLoaded(context: Context, { images }: InstallResult): void {
  for (const { name, version, digest, kind, artifactType = '' } of images)
    if (kind !== undefined)
      context.note(
        leftOut(
          { name, version, root: { digest }, artifact: { kind, artifactType } },
          'engines take images alone',
        ),
      )
}

/** The engine gets its images from the store, where they are complete and verified. */
async function loadInstalled(
  context: Context,
  { images }: InstallResult,
  request: InstallRequest,
): Promise<LoadResult> {
  const { loadImages } = await import('../load/load-images.js')
  const installed = new Set(images.flatMap(({ digest, tags }) => tags.map((tag) => `${digest} ${tag}`)))
  const isInstalled = ({ digest, refName, artifact }: TaggedImage): boolean =>
    artifact === undefined && installed.has(`${digest} ${refName}`)
  return await loadImages(context, (stored) => stored.filter(isInstalled), { ...request, gate: '' })
}
