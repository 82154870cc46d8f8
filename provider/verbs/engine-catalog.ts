import { Catalog } from '../../catalog/catalog.js'
import type { CatalogSource, Entry } from '../../catalog/entry.js'
import type { EngineImage } from '../engine/engine.js'
import { familiarName } from '../engine/names.js'
import { openEngine } from '../engine/open-engine.js'
import type { EngineSourceName } from './engine-source.js'

/** What an engine has, as a catalog of one source: an entry a tag. @param name as the user wrote it: `docker:` */
export function engineCatalog(name: string, { kind, options }: EngineSourceName): Catalog {
  const source: CatalogSource = {
    name,
    async entries(_patterns, { signal }) {
      const asked = signal ? { signal } : {}
      const engine = await openEngine(kind, { ...options, ...asked })
      try {
        const images = await engine.images(asked)
        return { entries: images.flatMap((image) => entriesOf(image, name, engine.label)), notes: [] }
      } finally {
        await engine.close()
      }
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
      ...(image.digest === undefined ? {} : { digest: image.digest }),
      location: { kind: 'path', path: label, image: full },
    }
  })
}
