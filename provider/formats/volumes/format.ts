import type { Format } from '../format.js'
import { beginsAsVolume } from './volume.js'
import { findSet, type VolumeSet } from './volume-set.js'

/** A set of volumes, opened by any one of them or by their folder. */
export const volumes: Format<{ volumeSet?: VolumeSet }> = {
  name: 'volumes',
  endings: ['.tar'],
  async at({ path, isFolder, start }, { volumeSet }) {
    const set = volumeSet ?? (isFolder || beginsAsVolume(start) ? await findSet(path) : undefined)
    return (
      set && {
        around: 'volumes',
        async members() {
          const { setMembers } = await import('./set-members.js')
          return await setMembers(set)
        },
        async check(options, open) {
          const { verifyVolumes } = await import('./check-volumes.js')
          return await verifyVolumes(set, options, open)
        },
      }
    )
  },
  saved: { isNamed: false, keepsWims: false, delta: 'blocks' },
}
