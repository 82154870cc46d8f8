import type { Entry } from '../../catalog/entry.js'
import { digestOf, parsePlatform } from '../../manifests/index.js'

/** An entry to test with, from a text such as `NanoServer 10.0.14300.1010 windows/amd64` and what differs. */
export function entry(text: string, more: Partial<Entry> = {}): Entry {
  const [name = '', version = '', platform] = text.split(' ')
  return {
    name,
    version,
    summary: '',
    source: 'stick',
    ...(platform ? { platform: parsePlatform(platform) } : {}),
    location: { kind: 'path', path: `/stick/${name}-${version}.tar` },
    ...more,
  }
}

/** An entry whose bytes are known by a seed: equal seeds are the same image. */
export function pinned(text: string, seed: string, more: Partial<Entry> = {}): Entry {
  return entry(text, { digest: digestOf(seed), ...more })
}

/** Entries in short: `name version [platform] @source`. */
export function inShort(entries: Entry[]): string[] {
  return entries.map((e) => `${e.name} ${e.version} @${e.source}`)
}
