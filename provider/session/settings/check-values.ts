import { show } from '../../../manifests/index.js'

const TEXTS = ['store', 'caFile', 'platform', 'advisories', 'gate', 'policy']
const KINDS = ['registry', 'index', 'folder']

/** What is wrong with the values in a settings file, which people edit by hand; undefined if nothing is. */
export function wrongValue(values: object): string | undefined {
  const byKey = new Map<string, unknown>(Object.entries(values))
  const wrong = TEXTS.find((key) => byKey.has(key) && typeof byKey.get(key) !== 'string')
  if (wrong) return `${wrong} is ${show(byKey.get(wrong))}, and no text`
  const sources = byKey.get('sources') ?? []
  if (!Array.isArray(sources)) return `sources is ${show(sources)}, and no list`
  const at = sources.findIndex((source) => !isSource(source))
  if (at >= 0) return `sources[${at}] has no name, no location, or no type that is known`
  const trust = wrongTrust(byKey.get('trust') ?? [])
  if (trust) return trust
  return wrongMirrors(byKey.get('mirrors') ?? {}) ?? wrongRegistries(byKey.get('registries') ?? {})
}

/** Strict: otherwise nobody would know that a key that cannot be understood does not count. */
function wrongTrust(keys: unknown): string | undefined {
  if (!Array.isArray(keys)) return `trust is ${show(keys)}, and no list`
  const at = keys.findIndex((key) => !isTrusted(key))
  return at < 0 ? undefined : `trust[${at}] has no name, no key, or something that is not known`
}

function isTrusted(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  const { name, key, for: patterns = [], ...others } = value as Record<string, unknown>
  const areTexts = Array.isArray(patterns) && patterns.every((one) => typeof one === 'string')
  return Object.keys(others).length === 0 && typeof name === 'string' && typeof key === 'string' && areTexts
}

function wrongRegistries(registries: unknown): string | undefined {
  if (registries === null || typeof registries !== 'object' || Array.isArray(registries))
    return `registries is ${show(registries)}, and no object`
  const wrong = Object.entries(registries).find(([, value]) => !isRegistry(value))
  return wrong && `registries[${show(wrong[0])}] has something else than the URL of a realm`
}

function isRegistry(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  const { realm, ...others } = value as Record<string, unknown>
  return Object.keys(others).length === 0 && ['string', 'undefined'].includes(typeof realm)
}

function wrongMirrors(mirrors: unknown): string | undefined {
  if (mirrors === null || typeof mirrors !== 'object' || Array.isArray(mirrors))
    return `mirrors is ${show(mirrors)}, and no object`
  const wrong = Object.entries(mirrors).find(([, value]) => !isMirrors(value))
  return wrong && `mirrors[${show(wrong[0])}] has no list of endpoints that can be understood`
}

/** Strict: a misspelled `upstream` must not let a registry be asked that should not be. */
function isMirrors(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  const { endpoints, upstream, ...others } = value as Record<string, unknown>
  const areKnown = Object.keys(others).length === 0
  return areKnown && isSwitch(upstream) && Array.isArray(endpoints) && endpoints.every(isMirror)
}

function isMirror(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  const { url, capabilities, caFile, skipVerify, insecure, ...others } = value as Record<string, unknown>
  const areKnown = Object.keys(others).length === 0 && typeof url === 'string'
  const areSwitches = isSwitch(skipVerify) && isSwitch(insecure)
  const areCapabilities = capabilities === undefined || isCapabilities(capabilities)
  return areKnown && areSwitches && areCapabilities && ['string', 'undefined'].includes(typeof caFile)
}

function isCapabilities(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => one === 'pull' || one === 'resolve')
}

function isSwitch(value: unknown): boolean {
  return ['boolean', 'undefined'].includes(typeof value)
}

function isSource(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false
  const { name, location, type, insecure, tagRule } = value as Record<string, unknown>
  const isText = typeof name === 'string' && typeof location === 'string'
  const isKind = typeof type === 'string' && KINDS.includes(type)
  const areOptions = ['boolean', 'undefined'].includes(typeof insecure)
  return isText && isKind && areOptions && ['string', 'undefined'].includes(typeof tagRule)
}
