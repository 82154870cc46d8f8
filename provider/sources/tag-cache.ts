import { createHash } from 'node:crypto'
import path from 'node:path'
import type { TagCache } from '../../catalog/ports.js'
import { LIMITS } from '../../manifests/index.js'
import { makeFolder, replaceFile } from '../io/files/durable.js'
import { readDocument } from '../io/files/read-document.js'

interface CachedTags {
  key: string
  at: number
  tags: string[]
}

/**
 * Keeps lists of tags as small files, one per repository. A cache that cannot be read or written counts as
 * empty.
 * @param mirrors the settings by which registries are asked
 */
export function tagCache(folder: string, mirrors?: object): TagCache {
  // The key includes who was asked: other mirrors have other tags.
  const asked = mirrors === undefined ? '' : ` ${JSON.stringify(mirrors)}`
  const fileOf = (key: string): string =>
    path.join(folder, `${createHash('sha256').update(`${key}${asked}`).digest('hex').slice(0, 32)}.json`)
  return {
    async get(key) {
      try {
        const cached = JSON.parse(
          (await readDocument(fileOf(key), LIMITS.indexBytes)).toString('utf8'),
        ) as CachedTags
        const isWhole = cached.key === key && Array.isArray(cached.tags) && typeof cached.at === 'number'
        if (!isWhole || !cached.tags.every((tag) => typeof tag === 'string')) return undefined
        const age = Date.now() - cached.at
        // If the time is in the future, because the clock was set back, nobody knows how long ago it was.
        return age < 0 ? undefined : { tags: cached.tags, age }
      } catch {
        return undefined
      }
    },
    async set(key, tags) {
      try {
        await makeFolder(folder)
        const cached: CachedTags = { key, at: Date.now(), tags }
        await replaceFile(fileOf(key), Buffer.from(JSON.stringify(cached)), { mode: 0o600 })
      } catch {
        // Without a cache the next search asks again; nothing is lost.
      }
    },
  }
}
