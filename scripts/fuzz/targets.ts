import type { Target } from './target.js'
import { ARCHIVES } from './targets/archives.js'
import { DOCUMENTS } from './targets/documents.js'
import { INSIDE } from './targets/inside.js'
import { TRUST } from './targets/trust.js'
import { WORDS } from './targets/words.js'

/** Every parser of data from outside. */
export const TARGETS: readonly Target[] = [...DOCUMENTS, ...WORDS, ...INSIDE, ...TRUST, ...ARCHIVES]
