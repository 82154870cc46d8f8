import { show } from '../../manifests/index.js'

const TEXTS = ['store', 'caFile', 'platform']
const KINDS = ['registry', 'index', 'folder']

/** What is wrong with the values of a settings file, which people edit by hand; undefined where nothing is. */
export function wrongValue(values: object): string | undefined {
  const byKey = new Map<string, unknown>(Object.entries(values))
  const wrong = TEXTS.find((key) => byKey.has(key) && typeof byKey.get(key) !== 'string')
  if (wrong) return `${wrong} is ${show(byKey.get(wrong))}, and no text`
  const sources = byKey.get('sources') ?? []
  if (!Array.isArray(sources)) return `sources is ${show(sources)}, and no list`
  const at = sources.findIndex((source) => !isSource(source))
  return at < 0 ? undefined : `sources[${at}] has no name, no location, or no type that is known`
}

function isSource(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  const { name, location, type, insecure, tagRule } = value as Record<string, unknown>
  const isText = typeof name === 'string' && typeof location === 'string'
  const isKind = typeof type === 'string' && KINDS.includes(type)
  const areOptions = ['boolean', 'undefined'].includes(typeof insecure)
  return isText && isKind && areOptions && ['string', 'undefined'].includes(typeof tagRule)
}
