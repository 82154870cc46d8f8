import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { databaseAdd } from '../../provider/index.js'
import { record } from '../provider/inside/database/made-database.js'
import { zipOf } from '../provider/inside/database/made-files.js'
import { damaged } from './archives.js'
import type { HostileInput, TakenAs } from './input.js'
import { HOSTILE_TEXTS } from './texts.js'

/** A file of one kind, by what it is and what is in it; a value that is no text and no bytes is written as JSON. */
function files(takenAs: TakenAs, name: string, contents: Record<string, unknown>): HostileInput[] {
  return Object.entries(contents).map(([what, content]) => ({
    what: `${what}, as ${name}`,
    takenAs,
    make(place) {
      const file = path.join(place, name)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(
        file,
        Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content),
      )
      return file
    },
  }))
}

/** What no parser of JSON may take, or take long for. */
const BROKEN: Record<string, unknown> = {
  nothing: '',
  'brackets alone': '['.repeat(2_000_000),
  'an object in an object': `${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}`,
  'bytes that are no text': Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  'a prototype': '{"__proto__":{"toString":1},"constructor":{"prototype":1}}',
  'a member twice': '{"a":1,"a":2}',
  'a number': '1e999',
  null: 'null',
  'a text of megabytes': JSON.stringify('x'.repeat(3_000_000)),
  'half of an object': '{"inventoryVersion":1,"blobs":[',
}

const inText = (make: (text: string) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(HOSTILE_TEXTS).map(([what, text]) => [what, make(text)]))

const inventories = files('inventory', 'inventory.json', {
  ...BROKEN,
  ...inText((text) => ({
    inventoryVersion: 1,
    host: text,
    created: text,
    blobs: [{ digest: text, size: 1 }],
    images: [{ name: text }],
  })),
})

const receipts = files('receipts', 'receipts.jsonl', {
  ...BROKEN,
  ...inText(
    (text) =>
      `${JSON.stringify({ receiptVersion: 1, host: text, time: text, images: [{ name: text, version: text }], blobs: [] })}\n`,
  ),
})

const sets = files('set', 'site.yaml', {
  ...BROKEN,
  ...inText((text) => `images:\n  - ${JSON.stringify(text)}\n`),
  'aliases that grow': `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `b${i}: &b${i} [${Array(9).fill(i ? `*b${i - 1}` : '*a')}]`).join('\n')}\n`,
  'tags of other programs': 'images: !!js/function "function () {}"\n',
  'a merge of itself': 'a: &a\n  <<: *a\nimages: *a\n',
  'indents without end': `${Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')}\n`,
})

const indexes = files('index', 'catalog.json', {
  ...BROKEN,
  ...inText((text) => ({
    images: [
      {
        name: text,
        version: text,
        summary: text,
        location: text,
        os: text,
        architecture: text,
        sha256: text,
      },
    ],
  })),
  'a location of the host': {
    images: [
      {
        name: 'x',
        version: '1.0',
        location: 'file:///etc/passwd',
        summary: 'x',
        os: 'linux',
        architecture: 'amd64',
      },
    ],
  },
})

const advisories = [
  ...files('advisories', 'osv.json', {
    ...BROKEN,
    ...inText((text) =>
      record(
        text,
        'Debian:12',
        text,
        { ranges: [{ events: [{ introduced: text }, { fixed: text }] }] },
        { summary: text, aliases: [text] },
      ),
    ),
    'events without an end': record('CVE-1', 'npm', 'x', {
      ranges: [{ events: Array.from({ length: 30_000 }, (_, i) => ({ introduced: `${i}` })) }],
    }),
  }),
  ...files(
    'advisories',
    'tracker.json',
    inText((text) => ({
      [text]: {
        [text]: {
          description: text,
          releases: { bookworm: { status: text, fixed_version: text, urgency: text } },
        },
      },
    })),
  ),
  ...files(
    'advisories',
    'secdb.json',
    inText((text) => ({
      distroversion: text,
      reponame: text,
      packages: [{ pkg: { name: text, secfixes: { [text]: [text] } } }],
    })),
  ),
  ...files('advisories', 'all.zip', {
    'a zip of records that are none': zipOf({
      'a.json': '[',
      'b.json': {},
      'c.json': record('CVE-1', 'npm', 'x', {}),
    }),
    'a zip that grows': zipOf({ 'a.json': 'x'.repeat(5_000_000) }, 100),
    'a zip without members': zipOf({}),
  }),
]

const databases: HostileInput[] = Array.from({ length: 8 }, (_, seed) => ({
  what: `a database, damaged as by ${seed}`,
  takenAs: 'database',
  async make(place) {
    const from = path.join(place, 'osv.json')
    writeFileSync(from, JSON.stringify(record('CVE-2026-1', 'Debian:12', 'libc6', { versions: ['2.36'] })))
    const file = path.join(place, 'advisories.db')
    await databaseAdd({ paths: [from], database: file })
    writeFileSync(file, damaged(readFileSync(file), seed))
    return file
  },
}))

const vex = files('vex', 'vex.json', {
  ...BROKEN,
  ...inText((text) => ({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': text,
    author: text,
    statements: [
      {
        vulnerability: { name: text },
        products: [{ '@id': text }],
        status: 'not_affected',
        justification: text,
      },
    ],
  })),
  ...Object.fromEntries(
    Object.entries(HOSTILE_TEXTS).map(([what, text]) => [`a list of ids with ${what}`, `${text}\n`]),
  ),
})

const settings = files('settings', 'settings/settings.json', {
  ...BROKEN,
  ...inText((text) => ({
    sources: [{ name: text, location: text, type: text }],
    store: text,
    mirrors: { [text]: text },
    [text]: text,
  })),
  'settings of other types': { sources: { length: 5 }, store: 5, platform: [], mirrors: 'x' },
})

export const FILES: HostileInput[] = [
  ...inventories,
  ...receipts,
  ...sets,
  ...indexes,
  ...advisories,
  ...databases,
  ...vex,
  ...settings,
]
