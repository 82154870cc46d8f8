import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { Descriptor } from '../../../../manifests/index.js'
import { install } from '../../../../provider/index.js'
import { makeLayout } from '../../../fixtures/layout.js'
import type { scratch } from '../../../scratch.js'

/** A store with two images that share a layer, and the layout that they came from. */
export interface DamagedStore {
  store: string
  layout: string
  /** What belongs to `demo:1.0` alone, and what both have. */
  own: string
  shared: string
  manifest: string
}

export async function storeToDamage(folders: ReturnType<typeof scratch>): Promise<DamagedStore> {
  const above = folders.folder()
  const [store, layout] = [path.join(above, 'store'), path.join(above, 'layout')]
  const shared = { files: { shared: randomBytes(30_000) } }
  const [one] = makeLayout(layout, [
    { refName: 'demo:1.0', layers: [shared, { files: { own: 5000 } }] },
    { refName: 'demo:2.0', layers: [shared, { files: { own: 6000 } }] },
  ])
  await install({ targets: [layout], store })
  const hex = (one as Descriptor).digest.slice(7)
  const manifest = JSON.parse(readFileSync(path.join(layout, 'blobs', 'sha256', hex), 'utf8'))
  const [below, above2] = manifest.layers.map(({ digest }: Descriptor) => digest)
  return { store, layout, shared: below, own: above2, manifest: `sha256:${hex}` }
}

export function fileOf(folder: string, digest: string): string {
  return path.join(folder, 'blobs', 'sha256', digest.slice(7))
}

/** Ways in which a file comes to harm, each with the code that tells of it. */
export const HARM: Record<string, { code: string; harm(file: string): void }> = {
  altered: {
    code: 'DIGEST_MISMATCH',
    harm(file) {
      const bytes = readFileSync(file)
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      overwrite(file, bytes)
    },
  },
  'cut short': {
    code: 'SIZE_MISMATCH',
    harm(file) {
      chmodSync(file, 0o644)
      truncateSync(file, readFileSync(file).length >> 1)
    },
  },
  'too long': {
    code: 'SIZE_MISMATCH',
    harm(file) {
      chmodSync(file, 0o644)
      appendFileSync(file, 'more')
    },
  },
  empty: { code: 'SIZE_MISMATCH', harm: (file) => overwrite(file, Buffer.alloc(0)) },
  missing: { code: 'BLOB_MISSING', harm: (file) => rmSync(file) },
  'a link': {
    code: 'NOT_A_FILE',
    harm(file) {
      writeFileSync(`${file}.elsewhere`, readFileSync(file))
      rmSync(file)
      symlinkSync(`${file}.elsewhere`, file)
    },
  },
  'a link to nothing': {
    code: 'NOT_A_FILE',
    harm(file) {
      rmSync(file)
      symlinkSync('/nowhere/at/all', file)
    },
  },
  'an empty folder': {
    code: 'NOT_A_FILE',
    harm(file) {
      rmSync(file)
      mkdirSync(file)
    },
  },
  'a named pipe': {
    code: 'NOT_A_FILE',
    harm(file) {
      rmSync(file)
      spawnSync('mkfifo', [file])
    },
  },
}

function overwrite(file: string, bytes: Buffer): void {
  chmodSync(file, 0o644)
  writeFileSync(file, bytes)
}

export function harm(how: string, file: string): void {
  HARM[how]?.harm(file)
}

export function blobsOf(store: string): string[] {
  return readdirSync(path.join(store, 'blobs', 'sha256')).sort()
}
