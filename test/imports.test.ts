import path from 'node:path'
import { expect } from 'chai'
import { LAYERS, sourceFiles } from './source-files.js'

/** The files that lie in a layer and in no room of it. */
const BESIDE = '.'

/** The rooms of each layer from the lowest to the highest: a file imports from its own room and from lower ones. */
const ROOMS: Record<string, string[]> = {
  manifests: [BESIDE],
  catalog: [BESIDE, 'sources', 'requests'],
  provider: [
    'tool',
    'io',
    'shown',
    'encryption',
    'names',
    'archives',
    'copy',
    'choice',
    'store',
    'formats',
    'registry',
    'engine',
    'serve',
    'receipts',
    'recovery',
    'session',
    'trust',
    'sources',
    'targets',
    'delta',
    'sets',
    'inside',
    'gate',
    'verbs',
    'program',
    BESIDE,
  ],
  cli: [
    'command',
    'output',
    'terminal',
    'progress',
    'options',
    'words',
    'ui',
    'commands',
    'help',
    'parsing',
    'completion',
    BESIDE,
    'powershell',
  ],
}

/** The components that the window shares with the page of a media; in a browser they have nothing else of the library. */
const COMPONENTS = 'provider/shown/index.ts'

/** Rooms whose folders are backends, each of which knows none of the others, and the folders that all of them share. */
const BACKENDS: Record<string, string[]> = { formats: ['in-place', 'open'], engine: ['client', 'port'] }

/** What a file imports by a relative path, of types or values, at once or late. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g

interface Imports {
  file: string
  imported: string[]
}

const files = sourceFiles()
const all: Imports[] = [...files].map(([file, text]) => ({
  file,
  imported: [...text.matchAll(IMPORT)].map(([, to = '']) =>
    sourceOf(path.posix.join(path.posix.dirname(file), to)),
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
    const doors = ['provider/index.ts', 'manifests/index.ts', 'manifests/program.ts', COMPONENTS]
    const leaving = pairs.filter(([from, to]) => layerOf(from) === 'cli' && layerOf(to) !== 'cli')
    expect(leaving.filter(([, to]) => !doors.includes(to))).to.deep.equal([])
  })

  it('go down only between the rooms of a layer, in the order that is written down here', () => {
    const there = new Set(all.map(({ file }) => `${layerOf(file)}/${roomOf(file)}`))
    const written = Object.entries(ROOMS).flatMap(([layer, rooms]) => rooms.map((room) => `${layer}/${room}`))
    expect([...there].sort()).to.deep.equal(written.sort())
    const within = pairs.filter(([from, to]) => layerOf(from) === layerOf(to))
    expect(within.filter(([from, to]) => floor(to) > floor(from))).to.deep.equal([])
  })

  it('never go in a circle from folder to folder', () => {
    const between = pairs
      .map(([from, to]) => [path.posix.dirname(from), path.posix.dirname(to)] as const)
      .filter(([from, to]) => from !== to)
    expect(cycles(graphOf(between))).to.deep.equal([])
  })

  it('reach the page only from the page: it is another program, in a browser', () => {
    const isPage = (file: string): boolean => file.startsWith('cli/ui/page/')
    expect(pairs.filter(([from, to]) => isPage(to) && !isPage(from))).to.deep.equal([])
    const allowed = pairs.filter(([from, to]) => isPage(from) && !isPage(to)).map(([, to]) => to)
    expect(allowed.filter((to) => !to.startsWith('cli/ui/protocol/') && to !== COMPONENTS)).to.deep.equal([])
    expect(pairs.filter(([from, to]) => to === COMPONENTS && !isPage(from))).to.deep.equal([])
  })

  it('never join two backends', () => {
    const joined = pairs.filter(([from, to]) => {
      const [one, other] = [backendOf(from), backendOf(to)]
      return one !== undefined && other !== undefined && !isSameOrIn(one, other) && !isSameOrIn(other, one)
    })
    expect(joined).to.deep.equal([])
  })

  it('never come back to where they began', () => {
    expect(cycles(graphOf(pairs))).to.deep.equal([])
  })

  it('take no test and no script into the program', () => {
    expect(pairs.filter(([, to]) => /^(test|scripts)\//.test(to))).to.deep.equal([])
  })
})

/** Of what the compiler makes, the file that it is made from. */
function sourceOf(made: string): string {
  const component = made.replace(/\.js$/, '.tsx')
  return files.has(component) ? component : made.replace(/\.js$/, '.ts')
}

function layerOf(file: string): string {
  return file.split('/')[0] ?? ''
}

function level(file: string): number {
  const layers: readonly string[] = LAYERS
  return layers.indexOf(layerOf(file))
}

function roomOf(file: string): string {
  const [, room = '', ...rest] = file.split('/')
  return rest.length > 0 ? room : BESIDE
}

/** The place of a file's room in the order of its layer. */
function floor(file: string): number {
  return ROOMS[layerOf(file)]?.indexOf(roomOf(file)) ?? -1
}

/** `registry`, `formats/wim`, or `engine` for what its backends share. */
function backendOf(file: string): string | undefined {
  const [layer, room = '', folder = '', ...rest] = file.split('/')
  if (layer !== 'provider') return undefined
  if (room === 'registry') return room
  const isShared = rest.length === 0 || BACKENDS[room]?.includes(folder)
  if (room === 'engine' && isShared) return room
  return room in BACKENDS && !isShared ? `${room}/${folder}` : undefined
}

function isSameOrIn(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`)
}

function graphOf(arrows: (readonly [string, string])[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const [from, to] of arrows) graph.set(from, (graph.get(from) ?? new Set()).add(to))
  return graph
}

/** Each cycle once, as the files or folders in their order. */
function cycles(graph: Map<string, Set<string>>): string[][] {
  const found: string[][] = []
  const finished = new Set<string>()
  const visit = (place: string, trail: string[]): void => {
    const at = trail.indexOf(place)
    if (at >= 0) found.push([...trail.slice(at), place])
    if (at >= 0 || finished.has(place)) return
    for (const next of graph.get(place) ?? []) visit(next, [...trail, place])
    finished.add(place)
  }
  for (const place of graph.keys()) visit(place, [])
  return found
}
