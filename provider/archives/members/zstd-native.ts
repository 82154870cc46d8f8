import type { Duplex } from 'node:stream'
import { Decompressor } from '@cloudpss/zstd/napi'

/** zstd by the reference library, as a native package. Loading this file fails where it has no binary. */
export function nativeZstd(): Duplex {
  return new Decompressor()
}
