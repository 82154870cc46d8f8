import type { ActionName, RequestOf } from './actions.js'

type Words<Name extends ActionName> = (request: RequestOf<Name>) => string[]

/** The words of the command line that does the same as an action. */
const WORDS: { [Name in ActionName]?: Words<Name> } = {
  images: () => ['get'],
  image: ({ name, platform }) => ['inspect', name, ...value('platform', platform)],
  history: ({ name, platform }) => ['history', name, ...value('platform', platform)],
  receipts: () => ['receipt', 'show'],
  sources: () => ['source', 'list'],
  settings: () => ['config', 'list'],
  search: ({ term, source }) => ['search', term, ...value('source', source)],
  find: ({ names = [], source, allVersions, platform }) => [
    'find',
    ...names,
    ...value('source', source),
    ...flag('all-versions', allVersions),
    ...value('platform', platform),
  ],
  tags: ({ repository, source }) => ['tags', repository, ...value('source', source)],
  status: ({ path, receipts = [] }) => [
    'media',
    'status',
    path,
    ...receipts.flatMap((one) => value('receipts', one)),
  ],
  tag: ({ from, to }) => ['tag', from, to],
  untag: ({ name }) => ['untag', name],
  verify: ({ path }) => ['verify', ...(path === undefined ? [] : [path])],
  install: ({ target, platform, allPlatforms, noLatest, receipt, whatIf }) => [
    'install',
    target,
    ...value('platform', platform),
    ...flag('all-platforms', allPlatforms),
    ...flag('no-latest', noLatest),
    ...value('receipt', receipt),
    ...flag('what-if', whatIf),
  ],
  save: ({
    names,
    path,
    platforms = [],
    allPlatforms,
    source,
    format,
    volumeSize,
    recovery,
    force,
    whatIf,
  }) => [
    'save',
    ...names,
    ...value('path', path),
    ...platforms.flatMap((one) => value('platform', one)),
    ...flag('all-platforms', allPlatforms),
    ...value('source', source),
    ...value('format', format),
    ...value('volume-size', volumeSize),
    ...value('recovery', recovery),
    ...flag('force', force),
    ...flag('what-if', whatIf),
  ],
  files: ({ name, platform, folder, text }) => [
    'files',
    name,
    ...(text === undefined ? (folder === undefined ? [] : [folder]) : [`*${text}*`]),
    ...value('platform', platform),
  ],
  packages: ({ name, platform }) => ['packages', name, ...value('platform', platform)],
  vulnerabilities: ({ name, platform }) => ['vulnerabilities', name, ...value('platform', platform)],
  diff: ({ first, second }) => ['diff', first, second],
  load: ({ name, engine, whatIf }) => ['load', name, ...value('engine', engine), ...flag('what-if', whatIf)],
  databaseAdd: ({ path, whatIf }) => ['database', 'add', path, ...flag('what-if', whatIf)],
  uninstall: ({ name, force, whatIf }) => [
    'uninstall',
    name,
    ...flag('force', force),
    ...flag('what-if', whatIf),
  ],
}

/**
 * The words after the program's name.
 * @param store as the window was opened with
 */
export function wordsOf<Name extends ActionName>(
  action: Name,
  request: RequestOf<Name>,
  store?: string,
): string[] {
  const words = WORDS[action] as Words<Name> | undefined
  return words === undefined ? [] : [...words(request), ...value('store', store)]
}

/** The line to copy into a shell. */
export function commandLine<Name extends ActionName>(
  action: Name,
  request: RequestOf<Name>,
  store?: string,
): string {
  return ['containerimage', ...wordsOf(action, request, store).map(quoted)].join(' ')
}

function value(name: string, text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [`--${name}`, text]
}

function flag(name: string, isSet: boolean | undefined): string[] {
  return isSet ? [`--${name}`] : []
}

/** For POSIX shells and PowerShell; nothing has a special meaning in single quotes there. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+:,./=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
