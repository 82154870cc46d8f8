import { imageTags } from '../../catalog/sources/repository-tags.js'
import type { Reference } from '../../manifests/index.js'
import { RegistryTags } from '../registry/tags.js'
import type { Context } from '../session/context.js'

/** The tags of a repository that name images: those of signatures are left out. @throws NOT_FOUND, network errors */
export async function repositoryTags(
  context: Context,
  { registry, repository }: Pick<Reference, 'registry' | 'repository'>,
  { insecure, signal }: { insecure?: boolean | undefined; signal?: AbortSignal | undefined },
): Promise<string[]> {
  const lister = new RegistryTags(await context.registry())
  return imageTags(await lister.tags(registry, repository, { insecure, signal }))
}
