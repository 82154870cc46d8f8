import type { Duplex } from 'node:stream'

/** zstd by the reference library, as a native package. @throws where it has no binary for this machine */
export async function nativeZstd(): Promise<Duplex> {
  const { Decompressor } = await import('@cloudpss/zstd/napi')
  return new Decompressor()
}
