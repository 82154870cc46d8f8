import { suggest } from '../../catalog/suggest.js'
import { ContainerImageError, insteadOf, show } from '../../manifests/index.js'
import { isReadableName } from '../archives/endings.js'

/**
 * The error for an image that is not there, with a suggestion if a name is close to the requested one.
 * @param what as the user wrote it
 * @param names of the existing images, with their tags
 */
export function notInstalled(what: string, names: string[]): ContainerImageError {
  return new ContainerImageError('NOT_INSTALLED', `No image ${show(what)} is installed.`, {
    expected: what,
    found: names.length > 0 ? names.slice(0, 10).join(', ') : 'no images',
    remedy: otherTags(what, names) ?? similar(what, names) ?? insteadOf(what) ?? noFile(what),
  })
}

function otherTags(what: string, names: readonly string[]): string | undefined {
  const same = names.filter((name) => withoutTag(name) === withoutTag(what))
  return same.length > 0 ? `${withoutTag(what)} is installed as ${same.slice(0, 10).join(', ')}.` : undefined
}

function similar(what: string, names: readonly string[]): string | undefined {
  const [wanted = ''] = withoutTag(what).split(/\s/)
  const nearly = suggest(wanted, new Set(names.map(withoutTag)))
  return nearly.length > 0 ? `Did you mean ${nearly.join(' or ')}?` : undefined
}

function withoutTag(name: string): string {
  return name.replace(/:[^:/]*$/, '')
}

/** A path that does not exist is looked up as a name. */
function noFile(what: string): string | undefined {
  return isReadableName(what.slice(what.lastIndexOf('/') + 1))
    ? `There is no file of that name either; it is looked up in ${process.cwd()}.`
    : undefined
}
