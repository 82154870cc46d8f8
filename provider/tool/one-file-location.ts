/**
 * Where the one file of this program is: beside the folders of the built package. scripts/bundle puts the place
 * as it is from there into the bundled programs; the one file names itself.
 */
export const ONE_FILE = new URL('../../containerimage.mjs', import.meta.url)
