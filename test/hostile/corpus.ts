import { ARCHIVES } from './archives.js'
import { FILES } from './files.js'
import { IMAGES } from './images.js'
import type { HostileInput } from './input.js'
import { MEDIA } from './media.js'
import { REGISTRIES } from './registries.js'
import { HOSTILE_TEXTS } from './texts.js'

const words: HostileInput[] = [
  ...Object.entries(HOSTILE_TEXTS),
  ['a template without an end', '{{.Name'],
  ['a template that asks for everything', '{{json .}}{{range .}}{{.}}{{end}}'],
  ['an option', '--json=--path'],
  ['a path that leads out', '../../../../etc/passwd'],
  ['a device', '/dev/zero'],
  ['wildcards without an end', '*'.repeat(300)],
  ['nothing', ''],
].map(([what = '', text = '']) => ({ what: `a word that is ${what}`, takenAs: 'words', make: () => text }))

/** Everything that somebody hostile brings here. */
export const CORPUS: readonly HostileInput[] = [
  ...IMAGES,
  ...ARCHIVES,
  ...MEDIA,
  ...FILES,
  ...REGISTRIES,
  ...words,
]
