import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '../../provider/index.js'
import { makeLayout } from '../../test/fixtures/layout.js'
import { measure, optionIn, remove } from './measure.js'
import type { Measured } from './result.js'

/**
 * What many small images cost each verb, and many repositories and tags a search, as their number doubles: processor
 * time and memory of whole processes. `--images N`, default 250, and `--names N`, default 5000, are the first of three
 * sizes; `--memory DIR` chooses where; `--engine docker` also loads the images into an engine, and removes them again.
 */
const program = fileURLToPath(new URL('../../bin/containerimage.js', import.meta.url))
const args = process.argv.slice(3)
const images = Number(optionIn(args, 'images') ?? 250)
const names = Number(optionIn(args, 'names') ?? 5000)
const engine = optionIn(args, 'engine')

/** The rows of the table, each with a cell for every size. */
const table = new Map<string, string[]>()

export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(optionIn(args, 'memory') ?? os.tmpdir(), 'containerimage-many-'))
  try {
    for (const count of [images, 2 * images, 4 * images])
      await withImages(path.join(folder, `${count}`), count)
    print([images, 2 * images, 4 * images], 'images')
    for (const count of [names, 2 * names, 4 * names]) await withNames(folder, count)
    print([names, 2 * names, 4 * names], 'names')
  } finally {
    remove(folder)
  }
}

async function withImages(folder: string, count: number): Promise<void> {
  const layout = path.join(folder, 'layout')
  const made = Array.from({ length: count }, (_, i) => ({
    refName: `app${i}:1.0`,
    layers: [{ files: { content: 2000, name: `app${i}` } }],
  }))
  makeLayout(layout, made)
  const media = path.join(folder, 'media')
  const store = ['--store', path.join(folder, 'store')]
  await row('save on a media', 'save', layout, '--format', 'media', '--path', media, '--force')
  const one = path.join(folder, 'one')
  makeLayout(one, [{ refName: 'fresh:1.0', layers: [{ files: { name: 'fresh' } }] }])
  await row('save of a new one on it', 'save', one, '--format', 'media', '--path', media)
  await row('save again on it', 'save', layout, '--format', 'media', '--path', media)
  await row('images of the media', 'images', '--store', media)
  await row('save as a tar', 'save', layout, '--path', path.join(folder, 'all.tar'))
  await row('find in the media', 'find', '--source', media)
  await row('verify of the media', 'verify', media)
  const receipt = path.join(folder, 'receipt.jsonl')
  await row('install of the media, with a receipt', 'install', media, '--receipt', receipt, ...store)
  await row('media status', 'media', 'status', media, '--receipts', receipt)
  await row('install again', 'install', media, ...store)
  await row('get', 'get', ...store)
  const names = made.map(({ refName }) => refName)
  const tags = made.map((_, i) => `other${i}:1`)
  await row('inspect of one', 'inspect', 'app1:1.0', ...store)
  await row('inspect of all by their names', 'inspect', ...names, ...store)
  await row('files of one', 'files', 'app1:1.0', ...store)
  await row('diff of two', 'diff', 'app1:1.0', 'app2:1.0', ...store)
  await row('as many names for one', 'tag', 'app1:1.0', ...tags, ...store)
  await row('these names taken away', 'untag', ...tags, ...store)
  await row(
    'save of all by their names',
    'save',
    ...names,
    '--path',
    path.join(folder, 'named.tar'),
    ...store,
  )
  await row('verify of the store', 'verify', ...store)
  await row('store check', 'store', 'check', ...store)
  const inventory = path.join(folder, 'inventory.json')
  await row('inventory', 'inventory', '--path', inventory, ...store)
  await row(
    'save of what it lacks',
    'save',
    layout,
    '--base',
    inventory,
    '--path',
    path.join(folder, 'delta.tar'),
  )
  if (engine !== undefined) {
    await row('load of all into an engine', 'load', 'app*', '--engine', engine, ...store)
    await row('load again', 'load', 'app*', '--engine', engine, ...store)
    await measure([process.execPath, program, 'uninstall', 'app*', '--all-versions', '--engine', engine])
  }
  await row('prune', 'prune', ...store)
  await row('uninstall of all by their names, said only', 'uninstall', ...names, '--what-if', ...store)
  await row('uninstall of one', 'uninstall', 'app1:1.0', ...store)
  await row('uninstall of all', 'uninstall', 'app*', '--all-versions', ...store)
  await row('remove of one from the media', 'media', 'remove', media, 'app1:1.0')
  await row('prune of the media', 'media', 'prune', media, '--keep', '1')
  await withRegistry(layout, async (at) => {
    const references = made.map(({ refName }) => `${at}/${refName}`)
    const pulled = ['--store', path.join(folder, 'pulled')]
    await row('pull of all, each by its reference', 'pull', ...references, ...pulled)
    await row('pull again', 'pull', ...references, ...pulled)
    const set = path.join(folder, 'set.txt')
    writeFileSync(set, references.join('\n'))
    await row('set update', 'set', 'update', set, ...pulled)
    await row('set outdated', 'set', 'outdated', set, ...pulled)
  })
  remove(folder)
}

/**
 * A registry in this process: what it uses is not counted.
 * @param use gets its host and port
 */
async function withRegistry(layout: string, use: (at: string) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  let begun = (_port: number): void => {}
  const port = new Promise<number>((resolve) => {
    begun = resolve
  })
  const ended = serve({
    path: layout,
    listen: '127.0.0.1:0',
    signal: stop.signal,
    graceMs: 0,
    onLogLine: () => {},
    onListening: (place) => begun(place.port),
  }).catch(() => {})
  try {
    await use(`127.0.0.1:${await port}`)
  } finally {
    stop.abort()
    await ended
  }
}

async function withNames(folder: string, count: number): Promise<void> {
  const repositories = Array.from({ length: count }, (_, i) => `team/app${String(i).padStart(6, '0')}`)
  const tags = repositories.map((_, i) => `1.${i}.0`)
  const server = createServer(({ url = '' }, answer) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    const isCatalog = pathname === '/v2/_catalog'
    const all = isCatalog ? repositories : tags
    const size = Number(searchParams.get('n') ?? 100)
    const from = all.indexOf(searchParams.get('last') ?? '') + 1
    const part = all.slice(from, from + size)
    const next = `<${pathname}?n=${size}&last=${part.at(-1)}>; rel="next"`
    answer.setHeader('content-type', 'application/json')
    if (from + size < all.length) answer.setHeader('link', next)
    if (isCatalog) answer.end(JSON.stringify({ repositories: part }))
    else if (pathname.endsWith('/tags/list')) answer.end(JSON.stringify({ name: 'app', tags: part }))
    else if (pathname === '/v2/') answer.end('{}')
    else answer.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  try {
    const source = ['--source', `http://127.0.0.1:${(server.address() as AddressInfo).port}`]
    const store = ['--store', path.join(folder, 'none')]
    await row('search among repositories', 'search', 'app0001', ...source, ...store)
    await row('find of one of many tags', 'find', 'team/app000001', ...source, ...store)
    await row('find of all of many tags', 'find', 'team/app000001', '--all-versions', ...source, ...store)
  } finally {
    server.close()
  }
}

async function row(title: string, ...words: string[]): Promise<void> {
  const measured = await measure([process.execPath, program, ...words, '--no-progress'])
  table.set(title, [...(table.get(title) ?? []), cell(measured)])
}

function cell({ processor, peak }: Measured): string {
  return `${processor.toFixed(1)} s, ${(peak / 1e6).toFixed(0)} MB`
}

function print(sizes: readonly number[], of: string): void {
  console.log(`\n| | ${sizes.map((size) => `${size} ${of}`).join(' | ')} |`)
  console.log(`| --- | ${sizes.map(() => '---').join(' | ')} |`)
  for (const [title, cells] of table) console.log(`| ${title} | ${cells.join(' | ')} |`)
  table.clear()
}
