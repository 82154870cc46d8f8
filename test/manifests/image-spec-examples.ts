import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A document that the image-spec shows or tests, and its verdict. */
export interface Example {
  /** File and line. */
  where: string
  kind: Kind
  text: string
  good: boolean
  /** Where the specification says which digest the text has. */
  digest?: string
}

export type Kind = 'descriptor' | 'manifest' | 'index' | 'config' | 'layout'

const KINDS: Record<string, Kind> = {
  'application/vnd.oci.descriptor.v1+json': 'descriptor',
  'application/vnd.oci.image.manifest.v1+json': 'manifest',
  'application/vnd.oci.image.index.v1+json': 'index',
  'application/vnd.oci.image.config.v1+json': 'config',
  'application/vnd.oci.layout.header.v1+json': 'layout',
  // The names of the fields in the tests of its schemas.
  descriptor: 'descriptor',
  manifest: 'manifest',
  imageIndex: 'index',
  config: 'config',
  imageLayout: 'layout',
}

/** The JSON blocks of the documents that are marked with a media type; all of them are good. */
export function examplesInDocuments(folder: string): Example[] {
  return textsIn(folder, '.md').flatMap(([file, text]) =>
    [...text.matchAll(/^```json,(\S+)\n([\s\S]*?)^```$/gm)].map((match) => {
      const mediaType = new URLSearchParams(match[1]).get('mediatype') ?? ''
      return {
        where: place(file, text, match.index),
        kind: kindOf(mediaType),
        text: match[2] ?? '',
        good: true,
      }
    }),
  )
}

/** The literals in the tests of the schemas, each with `fail: true` where it must be refused. */
export function examplesInTests(folder: string): Example[] {
  const tests = textsIn(path.join(folder, 'schema'), '_test.go')
  return tests.flatMap(([file, text]) =>
    [...text.matchAll(LITERAL)].map((match, i, all) => {
      const [, digest, field = '', literal = '', fail] = match
      return {
        where: `${place(file, text, match.index)}, ${i + 1} of ${all.length}`,
        kind: kindOf(field),
        text: literal,
        good: fail !== 'true',
        ...(digest === undefined ? {} : { digest }),
      }
    }),
  )
}

const LITERAL =
  /(?:digest: "(\S+)",\s*)?\b(descriptor|manifest|imageIndex|config|imageLayout): `([^`]*)`,(?:\s*fail:\s*(true|false))?/g

/** How many literals the tests say must be refused, counted without reading them. */
export function failuresInTests(folder: string): number {
  const texts = textsIn(path.join(folder, 'schema'), '_test.go').map(([, text]) => text)
  return texts.join('\n').split(/fail:\s*true/).length - 1
}

function textsIn(folder: string, ending: string): [file: string, text: string][] {
  const files = readdirSync(folder).filter((file) => file.endsWith(ending))
  return files.sort().map((file) => [file, readFileSync(path.join(folder, file), 'utf8')])
}

function place(file: string, text: string, at: number): string {
  return `${file}:${text.slice(0, at).split('\n').length}`
}

function kindOf(name: string): Kind {
  const kind = KINDS[name]
  if (kind === undefined) throw new Error(`no kind of document is known for ${name}`)
  return kind
}
