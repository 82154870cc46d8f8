import type { Format } from '../format.js'

/** The folder that is carried: read as the layout that it is, written as a store is. */
export const media: Format = {
  name: 'media',
  saved: { isNamed: true, keepsWims: false, delta: 'blocks', isFolder: true },
}
