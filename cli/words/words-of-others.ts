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
  show: 'inspect',
  info: 'inspect',
  import: 'install',
  add: 'install',
  download: 'save',
  export: 'save',
  fetch: 'pull',
  upload: 'push',
  check: 'verify',
  gc: 'prune',
  clean: 'prune',
  cleanup: 'prune',
  rename: 'tag',
  registry: 'serve',
  'list-tags': 'tags',
  '/?': '--help',
  '-?': '--help',
  '?': '--help',
}

/** Commands of other tools that do not exist here, and how to do the same. */
const NOT_HERE: Record<string, string> = {
  image: 'Leave that word out: `containerimage ls`, `containerimage rm` and so on.',
  run: 'Load the image into an engine with `containerimage load NAME`, and run it there.',
  build: 'Build it with an engine; `containerimage save` takes it from there.',
}

/** What to do if somebody uses another tool's word for a command; undefined for any other word. */
export function wordHere(word: string): string | undefined {
  const known = word.toLowerCase()
  if (Object.hasOwn(NOT_HERE, known)) return NOT_HERE[known]
  if (!Object.hasOwn(ELSEWHERE, known)) return undefined
  return `Here that is \`containerimage ${ELSEWHERE[known]}\`.`
}
