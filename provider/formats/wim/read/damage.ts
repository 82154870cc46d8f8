import {
  ContainerImageError,
  type ErrorCode,
  type ErrorFacts,
  option,
  printable,
} from '../../../../manifests/index.js'

/** A place in a WIM: which file, which resource in it, and at which byte of either. */
export interface Place {
  /** The file's name, without its folder. */
  file: string
  /** Such as `header`, `lookup table`, `metadata of image 2` or `resource 1f3a...`. */
  resource: string
  /** Counted from the start of the file, or of the metadata where that is the resource. */
  offset?: number
}

/** What may help if a content is missing. */
export function remedyForDelta(): Pick<ErrorFacts, 'remedy'> {
  return {
    remedy: `Copy the WIM again; where it is a delta, name the WIM that it was made against with ${option('ref')}.`,
  }
}

/** The one form of all errors about a WIM: file, resource, offset, then what is wrong. */
export function damaged(
  place: Place,
  what: string,
  facts: ErrorFacts = {},
  code: ErrorCode = 'ARCHIVE_INVALID',
): ContainerImageError {
  const offset = place.offset === undefined ? '' : ` at offset ${place.offset}`
  return new ContainerImageError(
    code,
    `${printable(place.file)}: ${printable(place.resource)}${offset}: ${printable(what)}.`,
    { ...facts, details: { ...place, ...facts.details } },
  )
}
