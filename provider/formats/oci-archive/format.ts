import type { Format } from '../format.js'
import { savedTar } from '../in-place/saved-tar.js'

/**
 * The tar that a save writes: a layout, with docker's `manifest.json` beside it. It is read like any layout.
 */
export const ociArchive: Format = {
  name: 'oci-archive',
  endings: ['.tar'],
  saved: {
    isNamed: true,
    keepsWims: true,
    delta: 'blocks',
    ...savedTar('oci-archive'),
  },
}
