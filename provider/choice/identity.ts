import type { Entry } from '../../catalog/entry.js'
import { present } from '../../manifests/index.js'
import type { ChosenImage } from './chosen-image.js'

/** The catalog's spelling and publisher, whatever the image says about itself. */
export function identity(entry: Entry): Pick<ChosenImage, 'name' | 'version' | 'publisher' | 'offeredBy'> {
  return present({
    name: entry.name,
    version: entry.version,
    offeredBy: entry.source,
    publisher: entry.publisher,
  })
}
