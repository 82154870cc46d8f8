import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/**
 * Makes yargs start fast and without files beside it: it lays out its help in every run, and what is
 * ASCII needs no tables of character widths for that. Its English texts are taken along.
 */
export function yargsStart(): Plugin {
  return {
    name: 'yargs-start',
    setup(build) {
      build.onResolve({ filter: /^string-width$/ }, ({ importer, namespace }) =>
        namespace === 'file' && /node_modules[\\/](yargs|cliui|wrap-ansi)[\\/]/.test(importer)
          ? { path: 'string-width', namespace: 'late-width' }
          : undefined,
      )
      build.onLoad({ filter: /.*/, namespace: 'late-width' }, () => ({
        contents: `
          let width
          export default (text, options) => {
            if (/^[ -~]*$/.test(text)) return text.length
            width ??= require('string-width').default
            return width(text, options)
          }`,
        // One version for all that ask.
        resolveDir: '.',
      }))
      build.onLoad({ filter: /y18n[\\/]build[\\/]lib[\\/]platform-shims[\\/]node\.js$/ }, () => ({
        contents: `
          import { format } from 'node:util'
          const english = ${JSON.stringify(readFileSync('node_modules/yargs/locales/en.json', 'utf8'))}
          export default {
            fs: { readFileSync: () => english, writeFile() {} },
            format,
            resolve: (...parts) => parts.join('/'),
            exists: () => true,
          }`,
      }))
    },
  }
}
