import { ENGINE_KINDS, type EngineKind, type EngineOptions } from '../engine/port/engine.js'

/** An engine used as a source: `docker:`, `containerd:k8s.io`, `podman:/run/podman/podman.sock`. */
export interface EngineSourceName {
  kind: EngineKind
  options: EngineOptions
}

/** What follows the colon is an address if it has a slash, else a namespace; undefined for other sources. */
export function engineSource(source: string | undefined): EngineSourceName | undefined {
  const colon = source?.indexOf(':') ?? -1
  const kind = ENGINE_KINDS.find((one) => one === source?.slice(0, colon))
  if (source === undefined || !kind) return undefined
  const rest = source.slice(colon + 1)
  if (rest === '') return { kind, options: {} }
  return { kind, options: rest.includes('/') ? { address: rest } : { namespace: rest } }
}
