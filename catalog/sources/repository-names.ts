import { lastPart } from '../entry-from-reference.js'

/**
 * The name under which a source offers each repository: its last part if no other ends in it, else the full
 * path below the source's prefix.
 * @param repositories paths below the registry
 * @param prefix as in the source's location; empty if it has none
 */
export function repositoryNames(repositories: string[], prefix: string): Map<string, string> {
  const count = new Map<string, number>()
  for (const repository of repositories)
    count.set(lastPart(repository), (count.get(lastPart(repository)) ?? 0) + 1)
  return new Map(
    repositories.map((repository) => {
      const last = lastPart(repository)
      return [repository, count.get(last) === 1 ? last : below(prefix, repository)]
    }),
  )
}

/** Whether a repository belongs to a source with this prefix. */
export function isBelow(prefix: string, repository: string): boolean {
  return prefix === '' || repository === prefix || repository.startsWith(`${prefix}/`)
}

function below(prefix: string, repository: string): string {
  return prefix !== '' && repository.startsWith(`${prefix}/`)
    ? repository.slice(prefix.length + 1)
    : repository
}
