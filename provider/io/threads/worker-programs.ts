/** What threads are started for. */
export type WorkerName =
  | 'hash'
  | 'follow'
  | 'seal'
  | 'gzip'
  | 'decode-wim'
  | 'encode-wim'
  | 'recovery'
  | 'delta'
  | 'password'

/**
 * The program of each thread: its file, or its text if the whole tool is one file. scripts/bundle replaces
 * this module by the texts.
 */
export const WORKER_PROGRAMS: Record<WorkerName, URL | string> = {
  hash: new URL('../hashing/worker.js', import.meta.url),
  follow: new URL('../hashing/follower-worker.js', import.meta.url),
  seal: new URL('../../formats/volumes/seal-worker.js', import.meta.url),
  gzip: new URL('../gzip/gzip-worker.js', import.meta.url),
  'decode-wim': new URL('../../formats/wim/read/decode-worker.js', import.meta.url),
  'encode-wim': new URL('../../formats/wim/write/encode-worker.js', import.meta.url),
  recovery: new URL('../../recovery/worker.js', import.meta.url),
  delta: new URL('../../delta/blocks/worker.js', import.meta.url),
  password: new URL('../../serve/password-worker.js', import.meta.url),
}
