import path from 'node:path'
import type { TakenAs } from './input.js'
import { REPOSITORY, SET } from './registries.js'

/** Where commands read and write. */
export interface Places {
  /** What is hostile. */
  input: string
  /** The folder in which it was made. */
  beside: string
  /** An image that is none of it. */
  good: string
  /** A set of advisories, in a database. */
  database: string
  /** Written to; new for each command. */
  out: string
  store: string
}

/** A path of an archive, a layout, a media, a set of volumes or a delta, and what can be done with it. */
function ofImage({ input, good, database, out, store }: Places): string[][] {
  const to = (name: string): string => path.join(out, name)
  const any = ['--platform', 'linux/amd64']
  return [
    ['find', '--source', input, '--all-versions'],
    ['install', input, '--store', store],
    ['install', input, '--store', store, '--all-platforms', '--what-if'],
    ['install', input, '--store', store, '--expand', ...any],
    ['verify', input],
    ['verify', input, '--repair', '--what-if'],
    ['inspect', input],
    ['history', input, '--no-trunc'],
    ['files', input],
    ['files', input, 'etc/passwd', '--output', to('passwd')],
    ['unpack', input, to('tree')],
    ['unpack', input, to('bundle'), '--bundle'],
    ['packages', input],
    ['packages', input, '--sbom', 'cyclonedx', '--output', to('sbom.json')],
    ['vulnerabilities', input, '--database', database],
    ['diff', input, good],
    ['diff', good, input],
    ['save', input, '--path', to('saved.tar')],
    ['save', input, '--path', to('saved.zip')],
    ['save', input, '--path', to('docker.tar'), '--format', 'docker-archive'],
    ['save', input, '--path', to('saved.wim'), '--format', 'wim'],
    ['save', input, '--path', to('media'), '--format', 'media', '--force'],
    ['save', input, '--path', to('volumes'), '--volume-size', '2m', '--force'],
    ['save', good, '--path', to('delta.tar'), '--base', input],
    ['load', input, '--engine', 'docker', '--engine-address', 'unix:///nowhere/docker.sock'],
    ['copy', input, '127.0.0.1:9/x/y:1'],
    ['push', input, '127.0.0.1:9/x'],
    ['serve', input, '--what-if', '--listen', '127.0.0.1:0'],
    ['import', input, 'site/imported:1', '--store', store],
    ['commit', input, 'site/made:1', '--from', 'scratch', '--store', store],
    ['commit', good, 'site/made:1', '--from', input, '--store', store],
    ['get', '--store', input],
    ['prune', '--store', input, '--what-if'],
    ['inventory', '--store', input],
    ['database', 'add', input, '--database', to('new.db')],
  ]
}

/** The host and port of a registry, and all that is asked of one. */
function ofRegistry({ input, beside, good, database, out, store }: Places): string[][] {
  const to = (name: string): string => path.join(out, name)
  const repository = `${input}/${REPOSITORY}`
  const image = `${repository}:1.0`
  const set = path.join(beside, SET)
  return [
    ['find', '--source', input, '--all-versions'],
    ['find', REPOSITORY, '--source', input],
    ['find', '--set', set],
    ['find', '--source', `http://${input}/catalog.json`],
    ['search', 'image', '--source', input],
    ['tags', repository, '--digests'],
    ['tags', repository, '--all-tags'],
    ['inspect', image],
    ['history', image],
    ['files', image],
    ['files', image, 'made-for', '--output', to('file')],
    ['unpack', image, to('tree')],
    ['packages', image],
    ['vulnerabilities', image, '--database', database],
    ['diff', image, good],
    ['pull', image, '--store', store],
    ['pull', repository, '--all-tags', '--store', store],
    ['pull', image, '--store', store, '--all-platforms', '--require-referrers'],
    ['install', REPOSITORY, '--source', input, '--store', store],
    ['save', image, '--path', to('saved.tar')],
    ['save', image, '--path', to('media'), '--format', 'media', '--all-platforms', '--force'],
    ['save', REPOSITORY, '--source', input, '--path', to('saved.zip')],
    // Without --what-if the lock beside the set is written anew, as it should be.
    ['save', '--set', set, '--path', out, '--what-if'],
    ['save', '--set', set, '--locked', '--path', out, '--force'],
    ['set', 'outdated', set],
    ['set', 'update', set, '--what-if'],
    ['copy', image, `${input}/evil/copied:1.0`],
    ['copy', repository, `${input}/evil/copied`, '--all-tags'],
    ['copy', good, `${input}/evil/pushed:1.0`, '--tag', 'two'],
    ['push', good, `${input}/evil`],
    ['load', image, '--engine', 'docker', '--engine-address', 'unix:///nowhere/docker.sock'],
    ['commit', good, 'site/made:1', '--from', image, '--store', store],
    ['login', input, '--username', 'user', '--password-stdin'],
    ['logout', input],
  ]
}

const COMMANDS: Record<TakenAs, (places: Places) => string[][]> = {
  image: ofImage,
  rootfs: (places) => [
    ...ofImage(places),
    [
      'install',
      places.input,
      '--name',
      'root',
      '--version',
      '1.0',
      '--platform',
      'linux/amd64',
      '--store',
      places.store,
    ],
  ],
  wim: (places) => [
    ...ofImage(places),
    ['install', '--wim-path', places.input, '--store', places.store, '--index', '1'],
  ],
  media: (places) => [
    ...ofImage(places),
    ['media', 'status', places.input],
    ['media', 'remove', places.input, '*', '--all-versions', '--what-if'],
    ['media', 'prune', places.input, '--keep', '1', '--what-if'],
    ['save', places.good, '--format', 'media', '--path', places.input, '--what-if'],
    ['receipt', 'show', places.input],
    ['receipt', 'verify', places.input],
  ],
  receipts: ({ input, good, out }) => [
    ['receipt', 'show', input],
    ['receipt', 'verify', input],
    ['save', good, '--path', path.join(out, 'delta.tar'), '--base', input],
  ],
  inventory: ({ input, good, out }) => [
    ['save', good, '--path', path.join(out, 'delta.tar'), '--base', input],
  ],
  set: ({ input, out }) => [
    ['find', '--set', input],
    ['save', '--set', input, '--path', out, '--force'],
    ['save', '--set', input, '--locked', '--path', out, '--force'],
    ['set', 'outdated', input],
    ['set', 'update', input, '--what-if'],
  ],
  index: ({ input, out }) => [
    ['find', '--source', input, '--all-versions'],
    ['find', 'x*', '--source', input],
    ['search', 'x', '--source', input],
    ['save', 'x', '--source', input, '--path', out, '--force'],
  ],
  advisories: ({ input, good, out }) => [
    ['database', 'add', input, '--database', path.join(out, 'new.db')],
    ['database', 'list', '--database', path.join(out, 'new.db')],
    ['vulnerabilities', good, '--database', path.join(out, 'new.db')],
  ],
  database: ({ input, good, out }) => [
    ['database', 'list', '--database', input],
    ['vulnerabilities', good, '--database', input],
    ['diff', good, good, '--only', 'vulnerabilities', '--database', input],
    ['database', 'add', input, '--database', path.join(out, 'new.db')],
    ['database', 'remove', 'x', '--database', input, '--what-if'],
  ],
  vex: ({ input, good, database }) => [['vulnerabilities', good, '--database', database, '--ignore', input]],
  settings: () => [
    ['config', 'list'],
    ['config', 'get', 'store'],
    ['source', 'list'],
    ['find', 'x', '--no-progress'],
    ['get'],
  ],
  recovery: ({ input }) => [
    ['verify', input],
    ['verify', input, '--repair', '--what-if'],
    ['install', input, '--what-if'],
  ],
  registry: ofRegistry,
  words: ({ input, good, out, store, database }) => [
    ['find', input, '--source', good],
    ['install', input, '--store', store],
    ['install', good, '--store', store, '--name', input],
    ['tag', input, input, '--store', store],
    ['get', input, '--store', store],
    ['get', '--store', store, '--format', input],
    ['get', '--store', store, '--filter', input],
    ['uninstall', input, '--store', store],
    ['save', good, '--path', path.join(out, `${input.slice(0, 40).replaceAll(/[/\0]/g, '_')}.tar`)],
    ['files', good, input],
    ['inspect', good, '--format', input],
    ['vulnerabilities', good, '--database', database, '--severity', input],
    ['commit', good, 'site/x:1', '--from', 'scratch', '--change', input, '--store', store],
    ['import', good, input, '--store', store],
    ['source', 'add', input, input],
    ['config', 'set', input, input],
    ['pull', input, '--store', store],
    [input],
  ],
}

/** Every command line that can take an input. */
export function commandsFor(takenAs: TakenAs, places: Places): string[][] {
  return COMMANDS[takenAs](places)
}
