import { isZip } from '../../archives/members/zip-end.js'
import type { Format } from '../format.js'

/** A zip with the members of an OCI archive, or of one archive. */
export const zip: Format = {
  name: 'zip',
  endings: ['.zip'],
  at({ path, start }) {
    if (!isZip(start)) return undefined
    return {
      around: 'packed',
      async members() {
        const { zipMembers } = await import('../../archives/members/zip.js')
        return await zipMembers(path)
      },
    }
  },
  saved: {
    isNamed: true,
    keepsWims: false,
    delta: 'blocks',
    async plannedSize(plan) {
      const { planMembers } = await import('../in-place/formats.js')
      const { zipSize } = await import('./planned-size.js')
      return zipSize(planMembers(plan, 'oci-archive').members)
    },
    async sink(file, { force, hasher }) {
      const { ZipSink } = await import('./sink.js')
      return new ZipSink(file, { force, hasher })
    },
  },
}
