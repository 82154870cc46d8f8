import type { Entry } from '../../catalog/entry.js'
import { type Descriptor, impossible, parseReference } from '../../manifests/index.js'
import type { ImageSource } from '../copy/ports.js'
import { openRegistrySource } from '../registry/source.js'
import type { Context } from '../session/context.js'

/**
 * Opens an entry in a registry and resolves its tag once: from here on only digests count.
 * @throws NOT_FOUND, UNAUTHORIZED and the other network errors
 */
export async function openRegistryEntry(
  context: Context,
  entry: Entry,
  signal?: AbortSignal,
): Promise<{ source: ImageSource; root: Descriptor }> {
  if (entry.location.kind !== 'registry') impossible('The entry is not in a registry.')
  const reference = parseReference(entry.location.reference)
  const client = await context.registry()
  const source = openRegistrySource(client, reference, { insecure: entry.location.insecure })
  const wanted = entry.digest ?? reference.digest ?? reference.tag ?? 'latest'
  return { source, root: await source.resolve(wanted, { signal }) }
}
