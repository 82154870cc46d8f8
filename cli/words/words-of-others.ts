/** What other tools call the things that a command here does. */
const ELSEWHERE: Record<string, string> = {
  remove: 'uninstall',
  delete: 'uninstall',
  del: 'uninstall',
  erase: 'uninstall',
  'remove-containerimage': 'uninstall',
  'remove-containerosimage': 'uninstall',
  ps: 'get',
  dir: 'get',
  du: 'get',
  df: 'get',
  show: 'inspect',
  info: 'inspect',
  manifest: 'inspect',
  digest: 'inspect',
  layers: 'history',
  cat: 'files',
  extract: 'unpack',
  apply: 'unpack',
  mount: 'unpack',
  capture: 'commit',
  scan: 'vulnerabilities',
  sbom: 'packages',
  catalog: 'find',
  add: 'install',
  download: 'save',
  export: 'save',
  backup: 'save',
  restore: 'install',
  upgrade: 'install',
  fetch: 'pull',
  upload: 'push',
  check: 'verify',
  validate: 'verify',
  fsck: 'store check',
  repair: 'store check --repair',
  gc: 'prune',
  clean: 'prune',
  cleanup: 'prune',
  system: 'prune',
  rename: 'tag',
  registry: 'serve',
  sync: 'copy',
  auth: 'login',
  keygen: 'key generate',
  sign: 'media sign',
  'list-tags': 'tags',
  '/?': '--help',
  '-?': '--help',
  '?': '--help',
}

/** Commands of other tools that do not exist here, and how to do the same. */
const NOT_HERE: Record<string, string> = {
  container: 'Containers belong to the engine; for images, leave that word out: `containerimage ls`.',
  image: 'Leave that word out: `containerimage ls`, `containerimage rm` and so on.',
  run: 'Load the image into an engine with `containerimage load NAME`, and run it there.',
  build: 'Build it with an engine; `containerimage save` takes it from there.',
}

/** What other tools call the things that commands of two words do here, by the second word. */
const SECOND: Record<string, readonly string[]> = {
  add: ['register', 'create', 'new', 'import', 'set', 'install'],
  check: ['fsck', 'verify', 'test', 'validate', 'scrub', 'repair'],
  generate: ['create', 'new', 'add', 'make'],
  list: ['ls', 'show', 'get', 'all', 'info'],
  outdated: ['diff', 'compare', 'check', 'status'],
  path: ['where', 'file'],
  prune: ['gc', 'clean', 'cleanup'],
  remove: ['rm', 'delete', 'del', 'unregister', 'erase', 'drop', 'uninstall'],
  set: ['add', 'put', 'change'],
  show: ['inspect', 'view', 'print', 'cat', 'list', 'ls'],
  status: ['list', 'ls', 'show', 'info', 'sites'],
  update: ['download', 'fetch', 'refresh', 'pull', 'upgrade', 'lock'],
  verify: ['check', 'test', 'validate'],
}

/** The same for the second word of a command. @param names those that there are */
export function secondWordHere(first: string, word: string, names: Iterable<string>): string | undefined {
  const known = word.toLowerCase()
  for (const name of names)
    if (SECOND[name]?.includes(known)) return `Here that is \`containerimage ${first} ${name}\`.`
  return undefined
}

/** What to do if somebody uses another tool's word for a command; undefined for any other word. */
export function wordHere(word: string): string | undefined {
  const known = word.toLowerCase()
  if (Object.hasOwn(NOT_HERE, known)) return NOT_HERE[known]
  if (!Object.hasOwn(ELSEWHERE, known)) return undefined
  return `Here that is \`containerimage ${ELSEWHERE[known]}\`.`
}
