import { ContainerImageError, option, printable } from '../../../manifests/index.js'
import { readSet } from '../../sets/read-set.js'
import type { FindRequest, FindResult, FoundImage } from './request.js'

/**
 * What the sources offer for a set; anything that they do not have becomes a note.
 * @throws SET_INVALID; if nothing at all is found, what its first image failed with
 */
export async function findSet(
  request: FindRequest,
  file: string,
  findNames: (request: FindRequest) => Promise<FindResult>,
): Promise<FindResult> {
  if ((request.names ?? []).length > 0)
    throw new ContainerImageError('USAGE', 'A set says itself which images it means.', {
      expected: `${option('set')} without names`,
      found: request.names?.map(printable).join(', '),
      remedy: `Write them into the set, or leave ${option('set')} out.`,
    })
  const images: FoundImage[] = []
  const notes = new Set<string>()
  let first: unknown
  for (const { name, asked, ...wish } of (await readSet(file)).wishes)
    try {
      const found = await findNames({ ...request, set: undefined, ...wish, names: [name] })
      images.push(...found.images)
      for (const note of found.notes) notes.add(note)
    } catch (error) {
      if (!(error instanceof ContainerImageError) || error.code === 'INTERRUPTED') throw error
      first ??= error
      notes.add(`${printable(asked)}: ${error.message}`)
    }
  if (images.length === 0 && first !== undefined) throw first
  return { images, notes: [...notes] }
}
