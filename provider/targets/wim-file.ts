import type { Entry } from '../../catalog/entry.js'
import { formatPlatform } from '../../manifests/index.js'
import { hostPlatform } from '../choice/host-platform.js'
import { isWimFile } from '../formats/open/is-wim-file.js'
import type { WimFile } from './chosen-images.js'

export interface WimWishes {
  name?: string
  version?: string
  index?: string
  beside?: readonly string[] | undefined
}

/** The WIM at a path; undefined if it is not a WIM. @throws USAGE, and if its name or version is unknown */
export async function wimAtPath(file: string, wishes: WimWishes): Promise<WimFile | undefined> {
  if (!(await isWimFile(file))) return undefined
  const { offerOfWim } = await import('../formats/wim/source.js')
  const { name, version, platform, image } = await offerOfWim(file, wishes)
  const location = { kind: 'path' as const, path: file }
  return { name, version, platform: formatPlatform(platform), location, image, beside: wishes.beside }
}

/** The WIM of an entry; undefined if it is not one. A URL is judged by its ending: nothing is fetched for it. */
export async function wimOfEntry(
  entry: Entry,
  { index, beside }: Pick<WimWishes, 'index' | 'beside'>,
): Promise<WimFile | undefined> {
  const { location, name, version } = entry
  const platform = formatPlatform(entry.platform ?? hostPlatform())
  if (location.kind === 'registry') return undefined
  const isPath = location.kind === 'path'
  const isWim = isPath ? await isWimFile(location.path) : /\.(wim|esd)$/i.test(new URL(location.url).pathname)
  const image = isPath ? (location.image ?? index) : index
  return isWim ? { name, version, platform, location, image, beside } : undefined
}
