import { stat } from 'node:fs/promises'
import {
  ContainerImageError,
  checkLayoutFile,
  type Descriptor,
  INDEX_FILE,
  LAYOUT_BYTES,
  LAYOUT_FILE,
  LIMITS,
} from '../../manifests/index.js'
import { replaceFile } from '../io/files/durable.js'
import { readDocument } from '../io/files/read-document.js'
import { inWords } from '../io/files/system-errors.js'
import { readEntries } from './index-file.js'
import type { Places } from './places.js'

/** A fixed file of a store that is not as it has to be. */
export interface WrongFile {
  code: string
  path: string
  expected: string
  found: string
  message: string
}

/** What is wrong with `oci-layout`; undefined if nothing is. @throws PERMISSION_DENIED, CANNOT_MAKE */
export async function wrongLayoutFile({ layoutFile }: Places): Promise<WrongFile | undefined> {
  const expected = LAYOUT_BYTES.toString()
  return await wrongFile(layoutFile, LAYOUT_FILE, expected, async () =>
    checkLayoutFile(await readDocument(layoutFile, LIMITS.layoutFileBytes, 'destination')),
  )
}

/**
 * The entries of a store whose index may be lost or damaged: then there are none, and the problem is
 * reported.
 */
export async function entriesOrWrong(
  places: Places,
): Promise<{ entries: Descriptor[]; wrong: WrongFile | undefined }> {
  let entries: Descriptor[] = []
  const wrong = await wrongFile(places.indexFile, INDEX_FILE, 'an OCI image index', async () => {
    entries = await readEntries(places)
  })
  return { entries, wrong }
}

async function wrongFile(
  file: string,
  name: string,
  expected: string,
  read: () => Promise<unknown>,
): Promise<WrongFile | undefined> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  )
  if (!isThere)
    return {
      code: 'LAYOUT_INVALID',
      path: file,
      expected,
      found: 'nothing',
      message: `The store has no ${name}.`,
    }
  try {
    await read()
    return undefined
  } catch (error) {
    if (!(error instanceof ContainerImageError) || ['PERMISSION_DENIED', 'CANNOT_MAKE'].includes(error.code))
      throw error
    const { code, found = 'something else' } = error
    return {
      code,
      path: file,
      expected,
      found: String(found),
      message: `The ${name} of the store is damaged.`,
    }
  }
}

export async function writeLayoutFile({ layoutFile }: Places): Promise<void> {
  await inWords(`Writing ${layoutFile}`, 'destination', () => replaceFile(layoutFile, LAYOUT_BYTES))
}
