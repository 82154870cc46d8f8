import { impossible } from '../../../manifests/index.js'
import type { Format, Saved } from '../format.js'
import { FORMATS } from './table.js'

/** A format that a save can make. */
export interface SavedFormat extends Pick<Format, 'name' | 'endings'> {
  saved: Saved
}

/** What can be saved, in the order of the table. */
export function savedFormats(): SavedFormat[] {
  return FORMATS.flatMap(({ name, endings, saved }) => (saved ? [{ name, endings, saved }] : []))
}

/** @throws where no format of this name can be saved */
export function savedFormat(name: string): SavedFormat {
  const found = savedFormats().find((format) => format.name === name)
  if (found) return found
  impossible(`${name} is not a format that is saved.`)
}
