import type { CatalogSource, Entry } from '../../../catalog/entry.js'
import { Catalog } from '../../../catalog/requests/catalog.js'
import { familiarName } from '../../../manifests/index.js'
import { openEngine } from '../../engine/open-engine.js'
import type { EngineImage } from '../../engine/port/engine.js'
import { closing } from '../../io/closing/closing.js'
import type { EngineSourceName } from '../../targets/engine-source.js'

/**
 * What an engine has, as a catalog of one source: one entry per tag. @param name as the user wrote it:
 * `docker:`
 */
export function engineCatalog(name: string, { kind, options }: EngineSourceName): Catalog {
  const source: CatalogSource = {
    name,
    hasOwnNames: true,
    async entries(_patterns, { signal }) {
      const asked = { signal }
      const engine = await openEngine(kind, { ...options, ...asked })
      return await closing(engine, async () => {
        const images = await engine.images(asked)
        return { entries: images.flatMap((image) => entriesOf(image, name, engine.label)), notes: [] }
      })
    },
  }
  return new Catalog([source])
}

function entriesOf(image: EngineImage, source: string, label: string): Entry[] {
  return image.names.map((full) => {
    const { repository, tag } = familiarName(full)
    return {
      name: repository,
      version: tag,
      platform: image.platform,
      summary: `In ${label}`,
      source,
      size: image.size,
      digest: image.digest,
      location: { kind: 'path', path: label, image: full },
    }
  })
}
