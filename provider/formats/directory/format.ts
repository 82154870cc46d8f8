import type { Format } from '../format.js'

/** The folder that skopeo writes as `dir:`, as a folder or packed. */
export const directory: Format = {
  name: 'directory',
  async inside({ members, has }) {
    if (!(await has('version')) || !(await has('manifest.json'))) return undefined
    const { directorySource } = await import('./source.js')
    return await directorySource(members)
  },
}
