import type { Format } from '../format.js'
import { isWim } from './read/header.js'
import type { WimOptions } from './source.js'

/** A WIM, whole or any part of a split one. */
export const wim: Format<WimOptions> = {
  name: 'wim',
  endings: ['.wim', '.swm'],
  at({ path, start }, options) {
    if (!isWim(start)) return undefined
    return {
      async collection() {
        const { wimSource } = await import('./source.js')
        return await wimSource(path, options)
      },
      async check({ signal, onProgress }) {
        const { verifyWimFile } = await import('./check-wim.js')
        return await verifyWimFile(path, {
          beside: options.beside,
          onUsed: options.onUsed,
          signal,
          onProgress,
        })
      },
    }
  },
  saved: { isNamed: true, keepsWims: true, delta: 'none' },
}
