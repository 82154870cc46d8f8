import type { SearchHit } from '../../provider/index.js'
import type { Command } from '../command/command.js'
import { usage } from '../command/usage.js'
import { commonOf } from '../options/everywhere.js'
import { SOURCE } from '../options/images.js'
import { NETWORK, networkOf } from '../options/network.js'
import { table } from '../output/table.js'

export const search: Command = {
  name: 'search',
  summary: 'Search the names that registries and other sources have',
  positionals: [
    {
      name: 'term',
      required: true,
      describe: 'Part of a name; host[:port]/part in one registry',
      parameters: ['Name'],
    },
  ],
  options: {
    source: {
      ...SOURCE,
      describe: 'A registered source, or host[:port]',
      more: 'The host is a registry; docker.io is Docker Hub',
    },
    limit: { type: 'value', placeholder: 'N', describe: 'At most this many; default: 25' },
    ...NETWORK,
  },
  examples: [
    { line: 'search nano', does: 'In all sources' },
    { line: 'search debian --source localhost:5000', does: 'In one registry' },
  ],
  async run(args, run) {
    const limit = limitOf(args.text('limit'))
    const library = await import('../../provider/index.js')
    const hits = await library.search({
      ...commonOf(args, run),
      ...networkOf(args),
      term: args.required('term'),
      source: args.text('source'),
      limit,
    })
    run.print(hits, () => (hits.some(isOfHub) ? hubLines(hits, run.columns) : hitLines(hits, run.columns)))
    return undefined
  },
}

const COLUMNS = [
  { title: 'NAME', shrinks: 2 },
  { title: 'DESCRIPTION', shrinks: 1 },
]

function isOfHub(hit: SearchHit): boolean {
  return hit.stars !== undefined
}

/** docker's own columns. */
function hubLines(hits: SearchHit[], width: number | undefined): string[] {
  const rows = hits.map((hit) => [
    hit.name,
    hit.description,
    String(hit.stars ?? 0),
    hit.official ? '[OK]' : '',
  ])
  return table([...COLUMNS, { title: 'STARS' }, { title: 'OFFICIAL' }], rows, { width, gap: 3 })
}

function hitLines(hits: SearchHit[], width: number | undefined): string[] {
  const rows = hits.map((hit) => [hit.name, hit.description, hit.source])
  return table([...COLUMNS, { title: 'SOURCE' }], rows, { width, gap: 3 })
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,5}$/.test(text)) throw usage(`--limit takes a number from 1, not '${text}'.`, ['search'])
  return Number(text)
}
