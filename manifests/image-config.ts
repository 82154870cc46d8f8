import { canonicalBytes } from './canonical-json.js'
import { checkAnnotations } from './descriptor.js'
import { type Digest, isDigest } from './digest.js'
import { parseObject } from './document.js'
import { checkSpelling, withoutNulls } from './go-json.js'
import { isObject, isTexts } from './json-kinds.js'
import { LIMITS } from './limits.js'
import { checkPlatform, type Platform, platform } from './platform.js'
import { Findings } from './problems.js'
import { isTime } from './rfc3339.js'

/** config.md, "history": one step of the build, oldest first. */
export interface HistoryEntry {
  created?: string
  created_by?: string
  author?: string
  comment?: string
  empty_layer?: boolean
}

/** config.md: what an image runs, on what, and the digests of its uncompressed layers. */
export interface ImageConfig extends Platform {
  created?: string
  author?: string
  config?: {
    User?: string
    Env?: string[] | null
    Entrypoint?: string[] | null
    Cmd?: string[] | null
    WorkingDir?: string
    Labels?: Record<string, string> | null
    [other: string]: unknown
  } | null
  rootfs: { type: string; diff_ids: Digest[] }
  history?: HistoryEntry[]
}

/** Besides those of a platform. */
const MEMBERS = ['created', 'author', 'config', 'rootfs', 'history']

/**
 * Parses and checks a config. What docker's own writer leaves out is filled in: missing `os` and
 * `architecture` become empty texts, missing `diff_ids` an empty list. Members that are null are left out.
 * @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found
 */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const object = withDefaults(withoutNulls(parseObject(bytes, 'config', LIMITS.configBytes)))
  const findings = new Findings('config')
  checkConfig(object, findings)
  findings.throwIfAny()
  return object as unknown as ImageConfig
}

/** Old versions of docker wrote no `os`, and no `diff_ids` for an image without layers. */
function withDefaults(object: Record<string, unknown>): Record<string, unknown> {
  const rootfs = isObject(object.rootfs) ? { rootfs: { diff_ids: [], ...object.rootfs } } : {}
  return { os: '', architecture: '', ...object, ...rootfs }
}

function checkConfig(c: Record<string, unknown>, findings: Findings): void {
  checkSpelling(c, MEMBERS, '', findings)
  checkPlatform(c, '', findings)
  checkCreated(c.created, 'created', findings)
  checkRunSettings(c.config, findings)
  checkRootfs(c.rootfs, findings)
  if (c.author !== undefined && typeof c.author !== 'string') findings.add('author', 'a text', c.author)
  if (c.history !== undefined) checkHistory(c.history, findings)
}

function checkRunSettings(run: unknown, findings: Findings): void {
  if (run === undefined) return
  if (!isObject(run)) {
    findings.add('config', 'an object', run)
    return
  }
  for (const key of ['User', 'WorkingDir', 'StopSignal'])
    if (run[key] !== undefined && typeof run[key] !== 'string')
      findings.add(`config.${key}`, 'a text', run[key])
  for (const key of ['Env', 'Entrypoint', 'Cmd'])
    if (run[key] !== undefined && !isTexts(run[key]))
      findings.add(`config.${key}`, 'a list of texts', run[key])
  if (run.Labels !== undefined) checkAnnotations(run.Labels, 'config.Labels', findings)
  for (const key of ['Volumes', 'ExposedPorts'])
    if (run[key] !== undefined && !isObject(run[key])) findings.add(`config.${key}`, 'an object', run[key])
}

function checkRootfs(rootfs: unknown, findings: Findings): void {
  if (!isObject(rootfs)) {
    findings.add('rootfs', 'an object with type and diff_ids', rootfs)
    return
  }
  checkSpelling(rootfs, ['type', 'diff_ids'], 'rootfs', findings)
  if (rootfs.type !== 'layers') findings.add('rootfs.type', '"layers"', rootfs.type)
  if (!Array.isArray(rootfs.diff_ids)) findings.add('rootfs.diff_ids', 'a list of digests', rootfs.diff_ids)
  else
    rootfs.diff_ids.forEach((id, i) => {
      if (!isDigest(id)) findings.add(`rootfs.diff_ids[${i}]`, 'a digest', id)
    })
}

function checkHistory(value: unknown, findings: Findings): void {
  if (!Array.isArray(value)) {
    findings.add('history', 'a list', value)
    return
  }
  value.forEach((h: unknown, i) => {
    const where = `history[${i}]`
    if (!isObject(h)) {
      findings.add(where, 'an object', h)
      return
    }
    checkCreated(h.created, `${where}.created`, findings)
    for (const key of ['created_by', 'author', 'comment'])
      if (h[key] !== undefined && typeof h[key] !== 'string')
        findings.add(`${where}.${key}`, 'a text', h[key])
    if (h.empty_layer !== undefined && typeof h.empty_layer !== 'boolean')
      findings.add(`${where}.empty_layer`, 'true or false', h.empty_layer)
  })
}

function checkCreated(value: unknown, where: string, findings: Findings): void {
  if (value === undefined) return
  if (typeof value !== 'string' || !isTime(value)) findings.add(where, 'a time as RFC 3339 writes it', value)
}

/** The platform that a config is for. */
export function platformOf(config: ImageConfig): Platform {
  const found = platform(config.os, config.architecture, config.variant, config['os.version'])
  return config['os.features'] ? { ...found, 'os.features': config['os.features'] } : found
}

/** The canonical bytes of a config that we make. */
export function configBytes(config: ImageConfig): Buffer {
  return canonicalBytes(config)
}
