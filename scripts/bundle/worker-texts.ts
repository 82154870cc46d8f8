import * as esbuild from 'esbuild'
import { COMMON } from './options.js'

/** Where tsc put the program of each thread, by its name in provider/io/threads. */
export const WORKER_FILES = {
  hash: 'dist/provider/io/hashing/worker.js',
  follow: 'dist/provider/io/hashing/follower-worker.js',
  seal: 'dist/provider/formats/volumes/seal-worker.js',
  gzip: 'dist/provider/io/gzip/gzip-worker.js',
  'decode-wim': 'dist/provider/formats/wim/read/decode-worker.js',
  'encode-wim': 'dist/provider/formats/wim/write/encode-worker.js',
  recovery: 'dist/provider/recovery/worker.js',
  delta: 'dist/provider/delta/blocks/worker.js',
  password: 'dist/provider/serve/password-worker.js',
}

/** The program of each thread as one text, for a program that has no files beside it. */
export async function workerTexts(): Promise<Record<string, string>> {
  const texts = Object.entries(WORKER_FILES).map(async ([name, file]) => {
    const { outputFiles } = await esbuild.build({ ...COMMON, format: 'cjs', entryPoints: [file] })
    return [name, `${outputFiles[0]?.text}//# sourceURL=containerimage-worker-${name}.js\n`] as const
  })
  return Object.fromEntries(await Promise.all(texts))
}
