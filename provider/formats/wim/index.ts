export type { Compression } from './codecs/compression.js'
export * from './read/entry.js'
export { isWim, type WimHeader } from './read/header.js'
export type { WimImageInfo, WindowsInfo } from './read/image-info.js'
export { type TreeOptions, type WimTree, walkTree } from './read/metadata.js'
export type { WimPart } from './read/part.js'
export {
  type BlobPiece,
  type BlobTarget,
  type ReadOptions,
  readBlobs,
  writeBlobs,
} from './read/read-blobs.js'
export type { WimBlob } from './read/resource-table.js'
export { verifyWim, type WimReport } from './read/verify.js'
export { findImage, openWim, type ReadTreeOptions, readTree, type Wim } from './read/wim.js'
