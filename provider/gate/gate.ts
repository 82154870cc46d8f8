import path from 'node:path'
import { ContainerImageError, type GateVerdict, printable } from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { layersTaken } from '../choice/foreign-layers.js'
import { withArtifacts } from '../choice/travelling.js'
import { combined } from '../copy/combined-source.js'
import { planCopy } from '../copy/plan.js'
import type { CopyPlan, ImageSink, ImageSource } from '../copy/ports.js'
import { closing } from '../io/closing/closing.js'
import { makeScratch } from '../io/files/scratch.js'
import type { Context } from '../session/context.js'
import type { CommonOptions, NetworkOptions, ReferrersOptions } from '../session/options.js'
import { scratchOf } from '../targets/open-options.js'
import { type GateRequest, gateOf, withPlace } from './command.js'
import { layOut } from './lay-out.js'
import { type Ended, runScanner } from './run-scanner.js'

/** In milliseconds: longer than a scanner takes for the largest image on a slow disk. */
const LONGEST_RUN = 60 * 60 * 1000
const LONGEST_QUESTION = 30 * 1000
/** How much is read of what a program says about its version. */
const LONGEST_VERSION = 200

/**
 * Has a program check what a plan takes from a source, in a private folder, before it is taken.
 * @param words of the command, the program first. Its verdict is noted in the context; if it refuses, its
 * output is shown in notes.
 * @throws GATE_REFUSED if it ends with any exit code but 0, or not at all
 */
export async function passGate(
  context: Context,
  { source, plan }: { source: ImageSource; plan: CopyPlan },
  words: readonly string[],
  timeoutMs = LONGEST_RUN,
): Promise<void> {
  const { signal } = context.options
  const [program = ''] = words
  const scratch = await makeScratch(scratchOf(context))
  return await closing(scratch.remove, async () => {
    const folder = scratch.path
    const version = await versionOf(program, folder, signal)
    await layOut(source, plan, folder, signal)
    const ended = await runScanner(withPlace(words, folder), { folder, timeoutMs, signal })
    const told = ended.lines.map((line) => line.replaceAll(folder, '{}'))
    const verdict: GateVerdict = {
      program: path.basename(program),
      ...(version === undefined ? {} : { version }),
      verdict: ended.code === 0 ? 'passed' : 'refused',
      exit: String(ended.code),
    }
    context.verdict = verdict
    if (ended.code === 0) return
    for (const line of told) context.note(`${printable(verdict.program)}: ${line}`)
    throw refused(verdict, told)
  })
}

/**
 * The gate of a run, if it has one, for what is about to be taken from a source.
 * @throws as `passGate`, USAGE
 */
export async function gateBefore(
  context: Context,
  source: ImageSource,
  plan: CopyPlan,
  request: GateRequest,
): Promise<void> {
  const words = await gateOf(request)
  if (words) await passGate(context, { source, plan }, words)
}

/** The same for images before they are planned, with what goes along with them; all of them at once. */
export async function gateImages(
  context: Context,
  images: readonly ChosenImage[],
  request: GateRequest & NetworkOptions & ReferrersOptions & CommonOptions,
): Promise<void> {
  const words = await gateOf(request)
  if (!words || request.whatIf) return
  const { noReferrers, signal } = request
  const parts: { source: ImageSource; plan: CopyPlan }[] = []
  for (const image of images) {
    const planned = await withArtifacts(image, { latest: false, noReferrers, signal })
    const plan = await planCopy(image.source, planned, { ...layersTaken(request), signal })
    parts.push({ source: image.source, plan })
  }
  await passGate(context, combined(parts), words)
}

/** The same sink, except that it gives no names before something else has been done. */
export function namingAfter<S extends ImageSink>(sink: S, before: () => Promise<void>): S {
  const { tagAll } = sink
  return {
    ...sink,
    async tag(image) {
      await before()
      await sink.tag(image)
    },
    ...(tagAll && {
      tagAll: async (images: Parameters<NonNullable<ImageSink['tagAll']>>[0]) => {
        await before()
        await tagAll(images)
      },
    }),
  }
}

/** The first line that it prints; a program without an answer has no version. */
async function versionOf(
  program: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { code, lines }: Ended = await runScanner([program, '--version'], {
    folder,
    timeoutMs: LONGEST_QUESTION,
    signal,
  })
  return code === 0 ? lines[0]?.slice(0, LONGEST_VERSION) : undefined
}

function refused(verdict: GateVerdict, lines: string[]): ContainerImageError {
  const program = printable(verdict.program)
  const last = lines.at(-1)
  return new ContainerImageError('GATE_REFUSED', `${program} did not pass it.`, {
    side: 'source',
    expected: 'exit code 0',
    found: `${verdict.exit}${last === undefined ? '' : `: ${last}`}`,
    details: { gate: verdict, output: lines },
  })
}
