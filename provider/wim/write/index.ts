export type { WriteCompression } from './encode-job.js'
export * from './source.js'
export { type WriteWimOptions, type WroteWim, writeWim } from './write.js'
