import { compressionOf } from '../../archives/members/compression.js'
import type { Format } from '../format.js'
import type { RootfsOptions } from './source.js'

/**
 * The tarball of a root filesystem. It comes last, so it gets every other tar; anything that is not a tar is
 * refused.
 */
export const rootfs: Format<RootfsOptions> = {
  name: 'rootfs',
  async at({ path, isFolder, start, size, file }, options) {
    if (isFolder) return undefined
    const kind = compressionOf(start)
    const { looksLikeRootfs } = await import('./signs.js')
    if (!(await looksLikeRootfs(file, kind, { offset: 0, size }, options.signal))) return undefined
    return {
      async collection() {
        const { rootfsSource } = await import('./source.js')
        return await rootfsSource(path, kind, options)
      },
    }
  },
}
