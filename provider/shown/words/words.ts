import { EN, type Words } from './en.js'
import { KO } from './ko.js'

/** In each language, all words of the components. */
export const SHOWN_WORDS = { en: EN, ko: KO } satisfies Record<string, Words>
export type Language = keyof typeof SHOWN_WORDS

let current: Language = 'en'

/** The language of what is shown: English, as on every media, unless the window has chosen another. */
export function language(): Language {
  return current
}

/** Takes the first of the reader's languages that is available. */
export function chooseLanguage(wanted: readonly string[]): Language {
  const found = wanted
    .map((one) => one.toLowerCase().split('-')[0])
    .find((one) => one && Object.hasOwn(SHOWN_WORDS, one))
  current = (found as Language | undefined) ?? 'en'
  return current
}

/** A word of the components. */
export function word(key: keyof Words, values: Values = {}): string {
  return filled(SHOWN_WORDS[current][key], values)
}

export type Values = Record<string, string | number>

/** A text whose `{n}` and the like are filled in. */
export function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => shownValue(values[name]))
}

function shownValue(value: string | number | undefined): string {
  return typeof value === 'number' ? value.toLocaleString(current) : (value ?? '')
}
