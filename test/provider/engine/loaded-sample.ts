import path from 'node:path'
import type { ImageCollection } from '../../../provider/copy/ports.js'
import { openEngine } from '../../../provider/engine/open-engine.js'
import type { EngineKind, EngineOptions } from '../../../provider/engine/port/engine.js'
import { install, load } from '../../../provider/index.js'
import type { Sample } from '../../fixtures/sample.js'
import type { OpenedSource } from '../conformance.js'

/** Brings the sample into an engine, and opens it there. */
export async function opened(
  kind: EngineKind,
  options: EngineOptions,
  folder: string,
  sample: Sample,
): Promise<ImageCollection> {
  const store = path.join(folder, 'store')
  await install({ targets: [sample.folder], store })
  const { address: engineAddress } = options
  await load({ names: ['base'], engine: kind, store, ...(engineAddress ? { engineAddress } : {}) })
  return await (await openEngine(kind, options)).open(['base:1.2.3'])
}

/** The one image of an engine's source. */
export async function asSource(collection: ImageCollection): Promise<OpenedSource> {
  const [image] = await collection.images()
  if (!image) throw new Error('the engine has no image')
  return { source: collection, root: image.root, ...(image.refName ? { name: image.refName } : {}) }
}
