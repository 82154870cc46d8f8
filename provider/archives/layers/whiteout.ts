import { ContainerImageError, show } from '../../../manifests/index.js'

/** The system that runs a layer; it decides what separates folders in a name. */
export type LayerOs = 'windows' | 'linux'

/** For the system that a config names; if that is not a known one, only the rules of the image-spec apply. */
export function layerOs(os: string): LayerOs {
  return os === 'windows' ? 'windows' : 'linux'
}

/** What an entry of a layer says is gone from the layers below it (OCI image-spec, layer.md, "Whiteouts"). */
export interface Whiteout {
  /** From the root of the layer; none for the root. */
  folder: string[]
  /** The one thing in that folder; undefined for everything in it. */
  name: string | undefined
}

/** No file or folder in an image can have a name that begins like this: layers have no way to express it. */
export const WHITEOUT_PREFIX = '.wh.'
const OPAQUE = '.wh..wh..opq'
/** AUFS kept files of its own under such names, and old images still have them: `.wh..wh.plnk/` and others. */
const OF_AUFS = '.wh..wh.'

/**
 * The whiteout that a name in a layer stands for, where it is one. This is the only place that says what its name
 * may be: it names exactly one thing, in its own folder, so that nobody who removes that removes anything else.
 * @param raw as the layer spells it
 * @throws UNSAFE_NAME
 */
export function whiteoutIn(raw: string, os: LayerOs, label: string): Whiteout | undefined {
  // Nearly every name of every layer passes here.
  if (!raw.includes(WHITEOUT_PREFIX)) return undefined
  const parts = raw.split(os === 'windows' ? /[/\\]/ : '/').filter((part) => part !== '' && part !== '.')
  const marked = parts.filter((part) => part.startsWith(WHITEOUT_PREFIX))
  if (marked.length === 0) return undefined
  const leadsOut = parts.includes('..') || raw.includes('\0') || (os === 'windows' && raw.includes('\\'))
  if (leadsOut || !marked.every((part) => namesOneThing(part, os))) throw badWhiteout(raw, label)
  const last = parts.pop() ?? ''
  // A path can continue after such a name only if that is not a whiteout but a folder of AUFS.
  if (parts.some((part) => part.startsWith(WHITEOUT_PREFIX) && !isOfAufs(part))) throw badWhiteout(raw, label)
  if (!last.startsWith(WHITEOUT_PREFIX)) return undefined
  return { folder: parts, name: last === OPAQUE ? undefined : last.slice(WHITEOUT_PREFIX.length) }
}

function isOfAufs(part: string): boolean {
  return part.startsWith(OF_AUFS) && part !== OPAQUE
}

function namesOneThing(part: string, os: LayerOs): boolean {
  let name = part
  // A reader that strips the prefix twice must not be led elsewhere either.
  while (name.startsWith(WHITEOUT_PREFIX)) name = name.slice(WHITEOUT_PREFIX.length)
  if (name === '' || name === '.' || name === '..') return false
  // Windows strips dots and blanks from the end of a name, and reads a colon as the stream of another file.
  return os === 'linux' || (!name.includes(':') && !/^[. ]*$/.test(name))
}

function badWhiteout(raw: string, label: string): ContainerImageError {
  return new ContainerImageError(
    'UNSAFE_NAME',
    `${label} holds a whiteout that does not name one thing in its own folder: ${show(raw)}.`,
    {
      side: 'source',
      expected: 'the name of one file or folder behind .wh.',
      found: show(raw),
      details: { path: raw },
    },
  )
}
