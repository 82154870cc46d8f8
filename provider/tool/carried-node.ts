import type { NodeArchive } from './node-archive.js'
import { OLDEST_NODE } from './node-archive.js'

/** An archive of Node beside the one file. */
export interface CarriedNode {
  archive: NodeArchive
  /** Of the archive, in hex. */
  sha256: string
}

/** A program for `node -e` that exits with 0 if this Node is new enough; without quotes, for every shell. */
export const IS_NEW_ENOUGH = `const [a,b]=process.versions.node.split(/[.]/);process.exit(a>${OLDEST_NODE[0]}||a==${OLDEST_NODE[0]}&&b>=${OLDEST_NODE[1]}?0:1)`

/** What a host needs, in words. */
export const WANTED_NODE = `Node ${OLDEST_NODE.join('.')} or newer`
