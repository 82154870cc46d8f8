import path from 'node:path'
import type { LayerOs } from './whiteout.js'

/** A path through more links than this leads nowhere: it is a circle. */
export const MOST_LINKS = 255

/**
 * Where a link of an image leads, as names below the root of its layers: never out of them, just as for a
 * process that runs in the image.
 * @param link where the link itself stands
 */
export function linkedPath(link: readonly string[], target: string, os: LayerOs): string[] {
  const [start, rest] = os === 'windows' ? fromWindows(link, target) : fromLinux(link, target)
  return path.posix
    .normalize(['', ...start, rest].join('/'))
    .split('/')
    .filter((part) => part !== '' && part !== '.')
}

function fromLinux(link: readonly string[], target: string): [start: readonly string[], rest: string] {
  return [target.startsWith('/') ? [] : link.slice(0, -1), target]
}

/** A drive is the folder Files of its layer; in the utility VM, the folder Files of that. */
function fromWindows(link: readonly string[], target: string): [start: readonly string[], rest: string] {
  const local = target.replaceAll('\\', '/').replace(/^\/(\/|\?\?)[?.]?\//, '')
  const rest = local.replace(/^[A-Za-z]:/, '')
  if (local === target && !local.startsWith('/')) return [link.slice(0, -1), rest]
  const isFromDrive = rest.startsWith('/') || rest !== local
  return [isFromDrive ? driveOf(link) : link.slice(0, -1), rest]
}

function driveOf(link: readonly string[]): readonly string[] {
  const [first = '', second = ''] = link.map((name) => name.toUpperCase())
  if (first === 'FILES' && link.length > 1) return link.slice(0, 1)
  return first === 'UTILITYVM' && second === 'FILES' ? link.slice(0, 2) : []
}
