import { isObject } from '../../../manifests/json-kinds.js'

/** Texts from outside documents are kept up to this length, in characters: a longer summary is of no use. */
const LONGEST_SUMMARY = 200
/** No id, name or version is longer. */
const LONGEST_WORD = 500

/** A short text that says something; undefined for anything else. */
export function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_WORD ? value : undefined
}

/** The first line of a text, cut. */
export function summaryOf(...texts: unknown[]): string {
  const text = texts.find((one): one is string => typeof one === 'string' && one.trim() !== '') ?? ''
  const [line = ''] = text
    .slice(0, 4 * LONGEST_SUMMARY)
    .trim()
    .split(/[\r\n]/)
  const short = line.replace(/\s+/g, ' ').trim()
  return short.length > LONGEST_SUMMARY ? `${short.slice(0, LONGEST_SUMMARY - 3)}...` : short
}

/** The members of a list; none for anything else. */
export function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Those members of a list that are texts. */
export function words(value: unknown): string[] {
  return listed(value).flatMap((one) => word(one) ?? [])
}

/** A member of an object; undefined for anything else. */
export function member(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
