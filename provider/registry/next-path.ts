/**
 * Where the next page of a list is. A proxy may put a prefix or a project before what it passes on, or remove one, and
 * the registry behind it knows nothing of that: if both paths end the same, the list is the one that was asked for.
 * @param asked the path of the page before
 * @param linked the path in its Link
 */
export function nextPath(asked: string, linked: string): string {
  const here = `/${listOf(asked)}`
  const there = `/${listOf(linked)}`
  if (there === '/') return asked
  return here.endsWith(there) || there.endsWith(here) ? asked : linked
}

/** What follows `/v2/`: the repository, and which list of it. */
function listOf(pathname: string): string {
  return pathname.replace(/^.*?\/v2(\/|$)/, '').replace(/^\/+/, '')
}
