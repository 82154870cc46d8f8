import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** yargs lays out its help before it runs a command, in case somebody asks for it; our help is not that of yargs. */
const HELP_IN_EVERY_RUN = 'cachedHelpMessage = this.help();'

/**
 * Makes yargs start fast and without files beside it: ASCII text needs no tables of character widths, and no help is
 * laid out that nobody reads. Its English texts are included.
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
        // One version for everyone who asks.
        resolveDir: '.',
      }))
      build.onLoad({ filter: /[\\/]yargs[\\/]build[\\/]lib[\\/]usage\.js$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        if (!text.includes(HELP_IN_EVERY_RUN)) throw new Error(`${path} no longer has: ${HELP_IN_EVERY_RUN}`)
        return { contents: text.replace(HELP_IN_EVERY_RUN, '') }
      })
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
