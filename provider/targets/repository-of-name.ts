import { ContainerImageError, command, parseReference, type Reference, show } from '../../manifests/index.js'
import type { Context } from '../session/context.js'
import { openCatalog } from '../sources/open-catalog.js'

/**
 * The repository of a registry behind a name in the catalog: `docker.io/library/debian` of `debian`.
 * @throws NO_MATCH if the catalog has no such name, or not in a registry
 */
export async function repositoryOfName(
  context: Context,
  name: string,
  given?: string,
): Promise<Pick<Reference, 'registry' | 'repository'>> {
  const { catalog, source } = await openCatalog(context, given)
  const { signal } = context.options
  const { entries } = await catalog.find({ names: [name], source, signal })
  const locations = entries.flatMap(({ location }) =>
    location.kind === 'registry' ? [location.reference] : [],
  )
  const [first] = locations
  if (first !== undefined) {
    const { registry, repository } = parseReference(first)
    return { registry, repository }
  }
  throw new ContainerImageError('NO_MATCH', `No registry in the catalog has ${show(name)}.`, {
    side: 'source',
    expected: 'host[:port]/path/repo, or a name in the catalog',
    found: show(name),
    remedy: `Write the repository in full: ${command('tags', 'HOST/NAME')}.`,
  })
}
