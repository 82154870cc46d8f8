import type { Cursor } from '../members/cursor.js'
import { exactText } from '../members/exact-text.js'
import { type TarEntry, tarEntries } from '../members/tar-entries.js'
import { type LayerOs, type Whiteout, whiteoutIn } from './whiteout.js'

/** An entry of a layer's tar, and what it hides if it is a whiteout. */
export interface LayerTarEntry {
  entry: TarEntry
  whiteout: Whiteout | undefined
}

/**
 * Walks through the tar of a layer, as `tarEntries` does, and refuses whiteouts that do not name one thing in their
 * own folder. Whoever reads the tar of a layer reads it here.
 * @returns whether the tar ended with its end mark
 * @throws UNSAFE_NAME; ARCHIVE_INVALID as `tarEntries`
 */
export async function* layerEntries(
  cursor: Cursor,
  label: string,
  os: LayerOs,
): AsyncGenerator<LayerTarEntry, boolean> {
  const entries = tarEntries(cursor, label, { mayEndUnfilled: true })
  for (;;) {
    const step = await entries.next()
    if (step.done) return step.value
    const entry = step.value
    // Some readers take the true name of a sparse file for its name.
    const sparse = entry.records?.get('GNU.sparse.name')
    if (sparse) whiteoutIn(exactText(sparse), os, label)
    yield { entry, whiteout: whiteoutIn(entry.rawName, os, label) }
  }
}
