import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type InstallRequest, install } from '../../../../../provider/index.js'

export interface InstalledLayer {
  digest: string
  /** The layer's blob. */
  layer: string
  config: Record<string, unknown>
  name: string
  version: string
  fullName: string
}

/** Installs a WIM and finds its one layer in the store. */
export async function installWim(
  file: string,
  store: string,
  more: Partial<InstallRequest> = {},
): Promise<InstalledLayer> {
  const result = await install({ targets: [file], store, ...more })
  const [image] = result.images
  if (!image) throw new Error('nothing was installed')
  const manifest = document(store, image.digest) as {
    config: { digest: string }
    layers: { digest: string }[]
  }
  const { name, version, fullName, digest } = image
  const config = document(store, manifest.config.digest) as Record<string, unknown>
  return { digest, layer: blob(store, manifest.layers[0]?.digest ?? ''), config, name, version, fullName }
}

export function blob(store: string, digest: string): string {
  return path.join(store, 'blobs', ...digest.split(':'))
}

function document(store: string, digest: string): unknown {
  return JSON.parse(readFileSync(blob(store, digest), 'utf8'))
}
