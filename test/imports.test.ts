import path from 'node:path'
import { expect } from 'chai'
import { LAYERS, sourceFiles } from './source-files.js'

/** Formats and engines: they meet in provider/copy and never each other. */
const BACKENDS = [
  'registry',
  'layout',
  'archive',
  'docker-archive',
  'directory',
  'rootfs',
  'wim',
  'volumes',
  'zip',
  'seven-zip',
  'engine',
]

/** What a file imports by a relative path, of types or values, at once or late. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g

interface Imports {
  file: string
  imported: string[]
}

const all: Imports[] = [...sourceFiles()].map(([file, text]) => ({
  file,
  imported: [...text.matchAll(IMPORT)].map(([, to = '']) =>
    path.posix.join(path.posix.dirname(file), to).replace(/\.js$/, '.ts'),
  ),
}))
const pairs = all.flatMap(({ file, imported }) => imported.map((to) => [file, to] as const))

describe('imports', () => {
  it('are found at all, and lead to files that exist', () => {
    const known = new Set(all.map(({ file }) => file))
    expect(pairs.length).to.be.greaterThan(100)
    expect(pairs.filter(([, to]) => !known.has(to))).to.deep.equal([])
  })

  it('go down only: cli, provider, catalog, manifests', () => {
    expect(pairs.filter(([from, to]) => level(to) > level(from))).to.deep.equal([])
  })

  it('take the library and the documents by their one door in the cli', () => {
    // The version alone is asked for often, and at once.
    const doors = ['provider/index.ts', 'manifests/index.ts', 'manifests/program.ts']
    const leaving = pairs.filter(([from, to]) => layerOf(from) === 'cli' && layerOf(to) !== 'cli')
    expect(leaving.filter(([, to]) => !doors.includes(to))).to.deep.equal([])
  })

  it('never join two backends', () => {
    const joined = pairs.filter(([from, to]) => {
      const [one, other] = [backendOf(from), backendOf(to)]
      return one !== undefined && other !== undefined && one !== other
    })
    expect(joined).to.deep.equal([])
  })

  it('never come back to where they began', () => {
    expect(cycles()).to.deep.equal([])
  })

  it('take no test and no script into the program', () => {
    expect(pairs.filter(([, to]) => /^(test|scripts)\//.test(to))).to.deep.equal([])
  })
})

function layerOf(file: string): string {
  return file.split('/')[0] ?? ''
}

function level(file: string): number {
  const layers: readonly string[] = LAYERS
  return layers.indexOf(layerOf(file))
}

function backendOf(file: string): string | undefined {
  const [layer, folder] = file.split('/')
  return layer === 'provider' ? BACKENDS.find((name) => name === folder) : undefined
}

/** Each cycle once, as the files in their order. */
function cycles(): string[][] {
  const found: string[][] = []
  const finished = new Set<string>()
  const graph = new Map(all.map(({ file, imported }) => [file, imported]))
  const visit = (file: string, trail: string[]): void => {
    const at = trail.indexOf(file)
    if (at >= 0) found.push([...trail.slice(at), file])
    if (at >= 0 || finished.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file])
    finished.add(file)
  }
  for (const { file } of all) visit(file, [])
  return found
}
