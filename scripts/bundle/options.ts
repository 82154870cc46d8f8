import type { BuildOptions } from 'esbuild'

/** The oldest Node that runs the program; package.json's engines say the same. */
export const OLDEST_NODE = '20.17'

/**
 * How everything is bundled. Names stay as they are and lines stay short, so that a stack trace says where a
 * fault is.
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

/** What chunks know the URL of the one file by. */
export const PROGRAM_URL = 'PROGRAM_URL'

/** Only what Node itself has can be required: nothing that lies in a folder around the program is ever loaded. */
export const REQUIRE_OF_NODE = 'const require=(name)=>process.getBuiltinModule(name);'

/** What unzipper would load for archives in the storage of a cloud, which are never asked for. */
export const NEVER_LOADED = ['@aws-sdk/client-s3']
