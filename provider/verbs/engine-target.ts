import { imagesIn } from '../choice/archive-images.js'
import type { RootChoice } from '../choice/chosen-image.js'
import type { ChosenImages, TargetRequest } from '../choice/chosen-images.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import { openEngine } from '../engine/open-engine.js'
import type { EngineSourceName } from './engine-source.js'
import { scratchOf } from './open-options.js'

/**
 * The images of an engine that a name means: `debian:12.5`, or `debian` with the version apart.
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
  const engine = await openEngine(kind, { ...options, scratch: scratchOf(context), ...defined({ signal }) })
  try {
    const name = requiredVersion === undefined ? target : `${target}:${requiredVersion}`
    const collection = await engine.open([name], defined({ signal }))
    try {
      const images = await imagesIn(collection, {}, choice)
      return {
        images: images.map((image) => ({ ...image, offeredBy: engine.label })),
        close: async () => {
          await collection.close()
          await engine.close()
        },
      }
    } catch (error) {
      await collection.close()
      throw error
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}
