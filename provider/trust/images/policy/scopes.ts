/**
 * The scopes that contain a reference, the most exact first (containers-policy.json(5), `docker:`): the image, its
 * repository, the folders above it, the host, and `*.` with each domain above that.
 */
export function scopesOf(reference: string): string[] {
  const repository = repositoryOf(reference)
  const parts = repository.split('/')
  const paths = parts.map((_, at) => parts.slice(0, parts.length - at).join('/'))
  const labels = (parts[0] ?? '').replace(/:\d+$/, '').split('.')
  const domains = labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`)
  return [reference, ...(reference === repository ? paths.slice(1) : paths), ...domains]
}

/** A full reference without its tag and digest. */
export function repositoryOf(reference: string): string {
  const [name = ''] = reference.split('@')
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}
