import * as esbuild from 'esbuild'
import { COMMON } from './options.js'

/** Everything but the start is in main.js, which is beside the programs and is loaded when it is needed. */
const MAIN_BESIDE: esbuild.Plugin = {
  name: 'main-beside',
  setup(build) {
    build.onResolve({ filter: /^\.\/main\.js$/ }, ({ path }) => ({ path, external: true }))
  },
}

/** A program in one file that prints its version itself and loads main.js for everything else. */
export async function startProgram(entry: string): Promise<string> {
  const { outputFiles } = await esbuild.build({
    ...COMMON,
    format: 'esm',
    entryPoints: [entry],
    plugins: [MAIN_BESIDE],
  })
  return outputFiles[0]?.text ?? ''
}
