import { EN, type Key, type Words } from './en.js'
import { KO } from './ko.js'

export type { Key } from './en.js'
export const LANGUAGES = { en: EN, ko: KO } satisfies Record<string, Words>
export type Language = keyof typeof LANGUAGES

let current: Language = 'en'

export function language(): Language {
  return current
}

/** Takes the first of the reader's languages that is available. */
export function chooseLanguage(wanted: readonly string[]): Language {
  const found = wanted
    .map((one) => one.toLowerCase().split('-')[0])
    .find((one) => one && Object.hasOwn(LANGUAGES, one))
  current = (found as Language | undefined) ?? 'en'
  return current
}

/** A text in the reader's language; `{n}` and the like are filled in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return LANGUAGES[current][key].replace(/\{(\w+)\}/g, (_, name: string) => shownValue(values[name]))
}

function shownValue(value: string | number | undefined): string {
  return typeof value === 'number' ? value.toLocaleString(current) : (value ?? '')
}
