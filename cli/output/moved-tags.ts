import { printable } from '../../manifests/index.js'
import type { MovedName } from '../../provider/index.js'
import { shortId } from './ids.js'

/** Which names meant another image before: `debian:latest moved from 12.4 (0a1b...) to 12.5 (2c3d...)`. */
export function movedLines(moved: readonly MovedName[], verb: string): string[] {
  return moved.map(({ tag, from, fromVersion, to, toVersion }) => {
    const [before, after] = [described(from, fromVersion), described(to, toVersion)]
    return `${printable(tag)} ${verb} from ${before} to ${after}`
  })
}

function described(digest: string, version: string | undefined): string {
  if (digest === '') return printable(version ?? 'an image that is yet to be made')
  return version ? `${printable(version)} (${shortId(digest)})` : shortId(digest)
}
