import type { Format } from '../format.js'
import type { SevenZipOptions } from './members.js'
import { isSevenZip, isSevenZipPart } from './parts.js'

/** A 7z with the members of an OCI archive, or of one archive; either complete or the first of its parts. */
export const sevenZip: Format<SevenZipOptions> = {
  name: '7z',
  endings: ['.7z'],
  at({ path, isFolder, start }, options) {
    if (isFolder || (!isSevenZip(start) && !isSevenZipPart(path))) return undefined
    return {
      around: 'packed',
      async members() {
        const { sevenZipMembers } = await import('./members.js')
        return await sevenZipMembers(path, options)
      },
    }
  },
  saved: {
    isNamed: true,
    keepsWims: false,
    delta: 'blocks',
    /** Without its own headers. */
    async plannedSize(plan) {
      const { planMembers } = await import('../in-place/formats.js')
      return planMembers(plan, 'oci-archive').members.reduce((sum, { size }) => sum + size, 0)
    },
    async sink(file, { source, plan, force, hasher }) {
      const [{ SevenZipSink }, { linkedBytes }] = await Promise.all([
        import('./sink.js'),
        import('./linked-bytes.js'),
      ])
      return new SevenZipSink(file, { force, hasher, linkedBytes: await linkedBytes(source, plan, file) })
    },
  },
}
