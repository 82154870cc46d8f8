import type { Saved } from '../format.js'
import type { ArchiveFormat } from './formats.js'

/** How a tar is made whose whole layout is fixed before it is written. */
export function savedTar(format: ArchiveFormat): Required<Pick<Saved, 'plannedSize' | 'sink'>> {
  return {
    async plannedSize(plan) {
      const { planMembers } = await import('./formats.js')
      return planMembers(plan, format).size
    },
    async sink(file, { force, hasher }) {
      const { archiveSink } = await import('./tar-sink.js')
      return archiveSink(file, { format, force, hasher })
    },
  }
}
