import { canonicalBytes } from './canonical-json.js'
import { checkAnnotations } from './descriptor.js'
import { type Digest, isDigest } from './digest.js'
import { parseObject } from './document.js'
import { LIMITS } from './limits.js'
import { checkPlatform, type Platform, platform } from './platform.js'
import { Findings } from './problems.js'

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

/** @throws DOCUMENT_TOO_LARGE, INVALID_DOCUMENT with every problem found */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const object = parseObject(bytes, 'config', LIMITS.configBytes)
  const findings = new Findings('config')
  checkConfig(object, findings)
  findings.throwIfAny()
  return object as unknown as ImageConfig
}

function checkConfig(c: Record<string, unknown>, findings: Findings): void {
  checkPlatform(c, '(whole)', findings)
  checkCreated(c.created, 'created', findings)
  checkRunSettings(c.config, findings)
  checkRootfs(c.rootfs, findings)
  if (c.author !== undefined && typeof c.author !== 'string') findings.add('author', 'a text', c.author)
  if (c.history !== undefined && c.history !== null) checkHistory(c.history, findings)
}

function checkRunSettings(value: unknown, findings: Findings): void {
  if (value === undefined || value === null) return
  if (typeof value !== 'object' || Array.isArray(value)) {
    findings.add('config', 'an object', value)
    return
  }
  const run = value as Record<string, unknown>
  for (const key of ['User', 'WorkingDir', 'StopSignal'])
    if (run[key] !== undefined && typeof run[key] !== 'string')
      findings.add(`config.${key}`, 'a text', run[key])
  for (const key of ['Env', 'Entrypoint', 'Cmd'])
    if (run[key] !== undefined && run[key] !== null && !isTexts(run[key]))
      findings.add(`config.${key}`, 'a list of texts', run[key])
  if (isTexts(run.Env))
    run.Env.forEach((text, i) => {
      if (!/^[^=]+=/.test(text)) findings.add(`config.Env[${i}]`, 'NAME=value', text)
    })
  if (run.Labels !== undefined && run.Labels !== null) checkAnnotations(run.Labels, 'config.Labels', findings)
  for (const key of ['Volumes', 'ExposedPorts'])
    if (
      run[key] !== undefined &&
      run[key] !== null &&
      (typeof run[key] !== 'object' || Array.isArray(run[key]))
    )
      findings.add(`config.${key}`, 'an object', run[key])
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((v) => typeof v === 'string')
}

function checkRootfs(value: unknown, findings: Findings): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    findings.add('rootfs', 'an object with type and diff_ids', value)
    return
  }
  const rootfs = value as Record<string, unknown>
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
  value.forEach((entry: unknown, i) => {
    const where = `history[${i}]`
    if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) {
      findings.add(where, 'an object', entry)
      return
    }
    const h = entry as Record<string, unknown>
    checkCreated(h.created, `${where}.created`, findings)
    for (const key of ['created_by', 'author', 'comment'])
      if (h[key] !== undefined && typeof h[key] !== 'string')
        findings.add(`${where}.${key}`, 'a text', h[key])
    if (h.empty_layer !== undefined && typeof h.empty_layer !== 'boolean')
      findings.add(`${where}.empty_layer`, 'true or false', h.empty_layer)
  })
}

function checkCreated(value: unknown, where: string, findings: Findings): void {
  if (value === undefined || value === null) return
  const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/
  if (typeof value !== 'string' || !rfc3339.test(value))
    findings.add(where, 'a time as RFC 3339 writes it', value)
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
