import { builtinModules } from 'node:module'
import type { Plugin } from 'esbuild'

/**
 * Loads Node's own modules when they are first used. As imports they would all be loaded at the start, with a list of
 * their exports made for each, and a Node that is too old would stop there without a word from us.
 */
export function lateBuiltins(): Plugin {
  const names = new Set(builtinModules)
  return {
    name: 'late-builtins',
    setup(build) {
      build.onResolve({ filter: /^(node:)?[a-z0-9_/]+$/ }, ({ path, kind }) =>
        names.has(path.replace(/^node:/, '')) && kind !== 'entry-point'
          ? { path: path.replace(/^node:/, ''), namespace: 'builtin' }
          : undefined,
      )
      build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule('${path}')`,
      }))
    },
  }
}
