import {
  type Descriptor,
  type Digest,
  type ImageConfig,
  type ImageIndex,
  isDigest,
  LIMITS,
  type Manifest,
  parseConfig,
  parseIndex,
  parseManifest,
} from '../../../manifests/index.js'
import { collect } from '../../copy/read-verified.js'
import { checkDigest, hashFor } from '../../copy/verified.js'
import { rubbish } from '../client/complaints.js'
import { type AskOptions, ask, output } from '../client/program.js'
import type { Ctr } from './ctr.js'

/** What containerd's content store holds, according to `ctr`: digests, with sizes rounded to four digits. */
export class Inventory {
  constructor(private readonly sizes: Map<string, number>) {}

  has({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): boolean {
    const rounded = this.sizes.get(digest)
    return rounded !== undefined && Math.abs(rounded - size) <= Math.max(1, size / 1000)
  }

  knows(digest: Digest): boolean {
    return this.sizes.has(digest)
  }
}

export const NOTHING = new Inventory(new Map())

/** @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function inventory(ctr: Ctr, options: AskOptions): Promise<Inventory> {
  const lines = (await ask(ctr, ['content', 'ls'], options)).trimEnd().split('\n')
  if (!/^DIGEST\s+SIZE\b/.test(lines[0] ?? ''))
    throw rubbish(ctr.label, 'a list of its content, below DIGEST SIZE', lines[0] ?? '')
  const sizes = new Map<string, number>()
  for (const line of lines.slice(1)) {
    const [digest = '', size = ''] = line.split(/\s+/)
    if (isDigest(digest)) sizes.set(digest, bytesOf(size))
  }
  return new Inventory(sizes)
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** docker's go-units, `HumanSize`: `101.2MB`. */
function bytesOf(text: string): number {
  const [, digits = '', unit = ''] = /^([0-9.e+]+)([A-Za-z]+)$/.exec(text) ?? []
  return Number(digits) * 1000 ** UNITS.indexOf(unit)
}

/** Documents of containerd's content store, each read once and compared with its digest. */
export class Documents {
  private readonly read = new Map<Digest, Promise<Uint8Array>>()

  constructor(
    private readonly ctr: Ctr,
    private readonly options: AskOptions,
  ) {}

  async index(digest: Digest): Promise<ImageIndex> {
    return parseIndex(await this.bytes(digest, LIMITS.indexBytes))
  }

  async manifest(digest: Digest): Promise<Manifest> {
    return parseManifest(await this.bytes(digest, LIMITS.manifestBytes))
  }

  async config(digest: Digest): Promise<ImageConfig> {
    return parseConfig(await this.bytes(digest, LIMITS.configBytes))
  }

  async bytes(digest: Digest, limit: number): Promise<Uint8Array> {
    const known = this.read.get(digest)
    if (known) return await known
    const reading = this.fetch(digest, limit)
    this.read.set(digest, reading)
    return await reading
  }

  private async fetch(digest: Digest, limit: number): Promise<Uint8Array> {
    const { label } = this.ctr
    const bytes = await collect(output(this.ctr, ['content', 'get', digest], this.options), limit, label)
    const descriptor = { mediaType: '', digest, size: bytes.length }
    checkDigest(hashFor(descriptor).update(bytes), descriptor, label)
    return bytes
  }
}
