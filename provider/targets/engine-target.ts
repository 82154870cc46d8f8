import { notesOn } from '../choice/absent-notes.js'
import { imagesIn } from '../choice/archive-images.js'
import type { RootChoice } from '../choice/chosen-image.js'
import { openEngine } from '../engine/open-engine.js'
import { closeAll, closedAfter } from '../io/closing/closing.js'
import type { Context } from '../session/context.js'
import type { ChosenImages, TargetRequest } from './chosen-images.js'
import type { EngineSourceName } from './engine-source.js'
import { scratchOf } from './open-options.js'

/**
 * The images of an engine that a name means: `debian:12.5`, or `debian` with a separate version.
 * @throws NOT_FOUND, ENGINE_UNREACHABLE, ENGINE_REFUSED
 */
export async function imagesOfEngineSource(
  context: Context,
  { kind, options }: EngineSourceName,
  target: string,
  request: TargetRequest,
  choice: RootChoice,
): Promise<ChosenImages> {
  const { requiredVersion, signal } = request
  const engine = await openEngine(kind, { ...options, scratch: scratchOf(context), signal })
  try {
    const name = requiredVersion === undefined ? target : `${target}:${requiredVersion}`
    const collection = await engine.open([name], { signal })
    try {
      const images = await imagesIn(collection, {}, choice)
      // An engine fetches one platform but keeps the index of all: that is worth a note if all are requested.
      if (choice.allPlatforms) for (const note of await notesOn(collection, signal)) context.note(note)
      return {
        images: images.map((image) => ({ ...image, offeredBy: engine.label })),
        close: () => closeAll([collection, engine]),
      }
    } catch (error) {
      throw await closedAfter(error, collection)
    }
  } catch (error) {
    throw await closedAfter(error, engine)
  }
}
