import path from 'node:path'
import { canonicalBytes, type Digest, hasCode, isDigest, parseObject } from '../../../manifests/index.js'
import { replaceFile } from '../../io/files/durable.js'
import { takeLock } from '../../io/files/lock.js'
import { documentThere } from '../../io/files/read-document.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { isReplacement, removeOwnReplacements } from '../../io/files/replacement-name.js'

/*
 * While an image is unpacked into a folder that was empty, a file in it says so: what a killed run leaves there is known to
 * be part of that image and nobody else's, and the next run goes on with it.
 */

const MARK = '.containerimage-unpack'
const MARK_BYTES = 4096

/** What is being unpacked into a folder. */
export interface Marked {
  /** Of its manifest. */
  image: Digest
  bundle: boolean
}

/** Whether a name in the folder is the mark's, or that of what belongs to it; no image may bring one. */
export function isMarkName(name: string): boolean {
  return name === MARK || name.startsWith(`${MARK}.`) || (name.startsWith(`.${MARK}.`) && isReplacement(name))
}

/** What is being unpacked into a folder, or was when that was stopped; undefined where no mark says so. */
export async function readMark(folder: string): Promise<Marked | undefined> {
  try {
    const bytes = await documentThere(path.join(folder, MARK), MARK_BYTES)
    const { image, bundle } = bytes ? parseObject(bytes, MARK, MARK_BYTES) : {}
    return isDigest(image) && typeof bundle === 'boolean' ? { image, bundle } : undefined
  } catch (error) {
    if (hasCode(error, 'NOT_A_FILE', 'DOCUMENT_TOO_LARGE', 'INVALID_DOCUMENT')) return undefined
    throw error
  }
}

/** The work on a folder that is marked. */
export interface MarkedWork {
  /** Removes the mark: everything is there. */
  end(): Promise<void>
  /** Lets others continue it. */
  release(): Promise<void>
}

/**
 * Marks a folder as one that an image is being unpacked into. Two runs never do that at once.
 * @param check looks at the folder once nobody else works on it, before it is marked
 * @throws STORE_LOCKED, INTERRUPTED, NO_SPACE, PERMISSION_DENIED, and what `check` throws
 */
export async function markFolder(
  folder: string,
  marked: Marked,
  signal: AbortSignal | undefined,
  check: () => Promise<void>,
): Promise<MarkedWork> {
  const file = path.join(folder, MARK)
  const lock = await takeLock(`${file}.lock`, signal ? { signal } : {})
  let isHeld = true
  const release = async (): Promise<void> => {
    if (isHeld) await lock.release()
    isHeld = false
  }
  try {
    await check()
    await replaceFile(file, canonicalBytes({ ...marked }), { mode: 0o600, lock })
  } catch (error) {
    await release()
    throw error
  }
  return {
    // The lock is removed first: a lock left without a mark would stay in the finished folder.
    async end() {
      await release()
      await removeOwnReplacements(`${file}.lock`)
      await removePath(file)
    },
    release,
  }
}
