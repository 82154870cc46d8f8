import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import * as esbuild from 'esbuild'
import { SHOWN_STYLE } from '../../provider/shown/style.js'

const PAGE = 'cli/ui/page'
/** What tsc made from the module that has the files of the page. */
const MODULE = 'dist/cli/ui/server/page-assets.js'
/** The most that a page that is opened from a stick may have, compressed. */
const MOST_BYTES = 150_000

const FOR_BROWSERS = {
  minify: true,
  platform: 'browser',
  target: ['chrome109', 'firefox115', 'safari16'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies esbuild.CommonOptions

/**
 * Makes the files of the window's page, and puts them into the compiled module that serves them.
 * @returns what went into them, as named by esbuild
 */
export async function makePageAssets(): Promise<string[]> {
  const script = await bundled(`${PAGE}/main.tsx`, {
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  })
  const style = readFileSync(`${PAGE}/style.css`, 'utf8')
  const { code: wholeStyle } = await esbuild.transform(`${SHOWN_STYLE}${style}`, {
    ...FOR_BROWSERS,
    loader: 'css',
  })
  const files = {
    '/': readFileSync(`${PAGE}/index.html`),
    '/app.js': script.text,
    '/style.css': wholeStyle,
    '/icon.svg': readFileSync(`${PAGE}/icon.svg`),
  }
  const packed = Object.entries(files).map(([path, text]) => [path, gzipSync(text, { level: 9 })] as const)
  const size = packed.reduce((sum, [, bytes]) => sum + bytes.length, 0)
  if (size > MOST_BYTES) throw new Error(`the page has ${size} bytes compressed, of ${MOST_BYTES} at most`)
  const texts = Object.fromEntries(packed.map(([path, bytes]) => [path, bytes.toString('base64')]))
  writeFileSync(MODULE, `export const PAGE_ASSETS = ${JSON.stringify(texts, null, 1)}\n`)
  return script.inputs
}

async function bundled(
  entry: string,
  options: esbuild.BuildOptions,
): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await esbuild.build({
    ...options,
    entryPoints: [entry],
    bundle: true,
    write: false,
    ...FOR_BROWSERS,
    metafile: true,
  })
  return { text: outputFiles?.[0]?.text ?? '', inputs: Object.keys(metafile?.inputs ?? {}) }
}
