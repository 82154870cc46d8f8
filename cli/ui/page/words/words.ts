import { filled, type Language, language, type Values } from '../../../../provider/shown/index.js'
import { EN, type Key, type Words } from './en.js'
import { KO } from './ko.js'

export type { Key } from './en.js'
export const LANGUAGES = { en: EN, ko: KO } satisfies Record<Language, Words>

/** A text in the reader's language; `{n}` and the like are filled in. */
export function t(key: Key, values: Values = {}): string {
  return filled(LANGUAGES[language()][key], values)
}
