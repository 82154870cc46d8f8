import { printable } from '../../../../manifests/index.js'

/** Markup that was made here, with every text from outside escaped. */
export class Html {
  constructor(readonly text: string) {}
}

const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const PLAIN = new Map(Object.entries(SIGNS).map(([sign, entity]) => [entity, sign]))

/**
 * A template whose values are text, and stay text: labels and histories come from whoever made the image.
 * Lists are joined; markup made by this function is used as it is.
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  // Joined, not concatenated with +: V8 keeps a concatenation as a tree of its parts, which takes ten times
  // the memory.
  return new Html(strings.map((part, i) => part + rendered(values[i])).join(''))
}

/** The text that was escaped. */
export function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => PLAIN.get(entity) ?? entity)
}

export type HtmlValue = string | number | Html | Html[] | undefined

function rendered(value: HtmlValue): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map((one) => one.text).join('')
  return printable(String(value)).replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? '')
}
