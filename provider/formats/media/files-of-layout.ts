import { BLOBS_FOLDER, DELTA_FILE, INDEX_FILE, isDigest, LAYOUT_FILE } from '../../../manifests/index.js'

/** Whether a path of a media is of its layout: what the layout itself says of it is checked with the images. */
export function isOfLayout(file: string): boolean {
  return file === LAYOUT_FILE || file === INDEX_FILE || file === DELTA_FILE || isBlob(file)
}

/** Anything else below the folder of the blobs was put there by somebody. */
function isBlob(file: string): boolean {
  const [folder, algorithm, hex, ...further] = file.split('/')
  return folder === BLOBS_FOLDER && further.length === 0 && isDigest(`${algorithm}:${hex}`)
}
