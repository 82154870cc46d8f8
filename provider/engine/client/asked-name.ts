import { engineNameOf, hasCode } from '../../../manifests/index.js'

/** A name that a user wrote, in full; undefined for what is not a name, such as an id. */
export function askedName(text: string): string | undefined {
  try {
    return engineNameOf(text)
  } catch (error) {
    if (hasCode(error, 'INVALID_REFERENCE')) return undefined
    throw error
  }
}
