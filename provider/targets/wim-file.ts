import type { Entry } from '../../catalog/entry.js'
import { formatPlatform } from '../../manifests/index.js'
import { hostPlatform } from '../choice/host-platform.js'
import { isWimFile } from '../formats/open/is-wim-file.js'
import { closing } from '../io/closing/closing.js'
import type { WimFile } from './chosen-images.js'

/** The WIM of a path; undefined if it is not one. @throws if its name or version is unknown */
export async function wimAtPath(
  file: string,
  wishes: { name?: string; version?: string; index?: string; beside?: readonly string[] | undefined },
): Promise<WimFile | undefined> {
  if (!(await isWimFile(file))) return undefined
  const { wimSource } = await import('../formats/wim/source.js')
  const source = await wimSource(file, wishes)
  return await closing(source, async () => {
    const [first] = (await source.offers?.()) ?? []
    if (!first) return undefined
    const { name, version, platform } = first
    const location = { kind: 'path' as const, path: file }
    return { name, version, platform: formatPlatform(platform), location, beside: wishes.beside }
  })
}

/**
 * The WIM of an entry; undefined if it is not one. A URL is judged by its ending: nothing is fetched for it.
 */
export async function wimOfEntry(entry: Entry): Promise<WimFile | undefined> {
  const { location, name, version } = entry
  const platform = formatPlatform(entry.platform ?? hostPlatform())
  if (location.kind === 'registry') return undefined
  const isWim =
    location.kind === 'path'
      ? await isWimFile(location.path)
      : /\.(wim|esd)$/i.test(new URL(location.url).pathname)
  return isWim ? { name, version, platform, location } : undefined
}
