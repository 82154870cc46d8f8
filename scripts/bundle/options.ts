import type { BuildOptions } from 'esbuild'

/** The oldest Node that runs the program; package.json's engines say the same. */
export const OLDEST_NODE = '20.17'

/**
 * How everything is bundled. Names stay as they are and lines stay short, so that a stack trace shows where a fault is.
 */
export const COMMON = {
  bundle: true,
  write: false,
  platform: 'node',
  target: `node${OLDEST_NODE}`,
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  charset: 'ascii',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions

/** The name by which chunks know the URL of the one file. */
export const PROGRAM_URL = 'PROGRAM_URL'

/** Only Node's own modules can be required: nothing from a folder around the program is ever loaded. */
export const REQUIRE_OF_NODE = 'const require=(name)=>process.getBuiltinModule(name);'

/** What unzipper would load for archives in cloud storage, which are never requested. */
export const NEVER_LOADED = ['@aws-sdk/client-s3']
