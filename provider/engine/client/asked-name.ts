import { hasCode } from '../../../manifests/index.js'
import { engineNameOf } from '../names.js'

/** A name that a user wrote, in full; undefined for what is no name, such as an id. */
export function askedName(text: string): string | undefined {
  try {
    return engineNameOf(text)
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return undefined
    throw error
  }
}
