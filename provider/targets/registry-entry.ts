import type { Entry } from '../../catalog/entry.js'
import {
  type Descriptor,
  impossible,
  parseReference,
  type Reference,
  shortDigest,
} from '../../manifests/index.js'
import type { ImageSource } from '../copy/ports.js'
import { headManifest } from '../registry/head-manifest.js'
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
  const root = await source.resolve(wanted, { signal })
  if (reference.tag !== undefined && reference.digest !== undefined)
    await tellWhereTagMoved(context, reference, root, { insecure: entry.location.insecure, signal })
  return { source, root }
}

/**
 * Of a tag and a digest the digest counts, as in docker. Somebody who gave both wants to know if they
 * disagree.
 */
async function tellWhereTagMoved(
  context: Context,
  { registry, repository, tag = '', digest = '' }: Reference,
  root: Descriptor,
  { insecure = false, signal }: { insecure?: boolean; signal?: AbortSignal },
): Promise<void> {
  const request = { registry, repository, insecure, brief: true, signal }
  const client = await context.registry()
  const head = await headManifest(client, request, tag).catch((error: unknown) => {
    if (signal?.aborted) throw error
    return 'untold' as const
  })
  if (head === 'untold' || head?.digest === root.digest) return
  const now = head === undefined ? 'is not there any more' : `is ${shortDigest(head.digest)} now`
  context.note(
    `${registry}/${repository}:${tag} ${now}; ${shortDigest(digest)} is taken, as the digest counts and not the tag.`,
  )
}
