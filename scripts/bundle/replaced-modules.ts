import type { Plugin } from 'esbuild'

/** Replaces modules with texts: by the end of their path in dist, such as `threads/worker-programs.js`. */
export function replacedModules(texts: Record<string, string>): Plugin {
  return {
    name: 'replaced-modules',
    setup(build) {
      const left = new Set(Object.keys(texts))
      build.onLoad({ filter: /\.js$/ }, ({ path }) => {
        const end = Object.keys(texts).find((one) => path.replaceAll('\\', '/').endsWith(`/${one}`))
        if (end === undefined) return undefined
        left.delete(end)
        return { contents: texts[end] ?? '' }
      })
      build.onEnd(() => {
        if (left.size > 0) throw new Error(`nothing imports ${[...left].join(' and ')}`)
      })
    },
  }
}
