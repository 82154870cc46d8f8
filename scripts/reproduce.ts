// Packs the same commit twice, in two clones in different folders, with different umasks, time zones, locales and
// times, and compares the packages byte for byte. Nothing is downloaded: both get the modules that are installed here.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** How the second differs from the first in things that must not matter. */
const WAYS = [
  { folder: 'a', umask: '022', env: { TZ: 'UTC', LC_ALL: 'C' } },
  { folder: 'another folder/b', umask: '077', env: { TZ: 'Asia/Tokyo', LC_ALL: 'C.UTF-8' } },
]

/** Somebody may commit while the first is being packed. */
const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
const above = mkdtempSync(path.join(tmpdir(), 'containerimage-reproduce-'))
try {
  const packages = WAYS.map(({ folder, ...way }) => packed(path.join(above, folder), way))
  for (const { sha256, size, file } of packages) console.log(`${sha256}  ${size} bytes  ${file}`)
  const isSame = new Set(packages.map(({ sha256 }) => sha256)).size === 1
  console.log(isSame ? 'The same bytes.' : `They differ:\n${differences(packages.map(({ file }) => file))}`)
  process.exitCode = isSame ? 0 : 1
} finally {
  if (process.exitCode === 0) rmSync(above, { recursive: true, force: true })
}

function packed(clone: string, { umask, env }: Omit<(typeof WAYS)[number], 'folder'>) {
  run('git', ['clone', '--quiet', '--no-hardlinks', process.cwd(), clone], process.cwd(), umask, env)
  run('git', ['checkout', '--quiet', '--detach', commit], clone, umask, env)
  cpSync('node_modules', path.join(clone, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  run('npm', ['pack', '--offline', '--loglevel=error'], clone, umask, env)
  const name = readdirSync(clone).find((one) => one.endsWith('.tgz')) ?? ''
  const file = path.join(clone, name)
  const bytes = readFileSync(file)
  return { file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** The only part that is interpreted by a shell is the umask, which is a constant here. */
function run(program: string, args: string[], cwd: string, umask: string, env: NodeJS.ProcessEnv): void {
  const line = `umask ${umask}; exec "$0" "$@"`
  const { status } = spawnSync('sh', ['-c', line, program, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`)
}

/** Their members side by side, with modes, sizes and times. */
function differences(files: string[]): string {
  const lists = files.map((file) => {
    const { stdout } = spawnSync('tar', ['-tvzf', file], { encoding: 'utf8' })
    return stdout.split('\n')
  })
  const [first = [], second = []] = lists
  const lines = [
    ...first.filter((line) => !second.includes(line)),
    ...second.filter((line) => !first.includes(line)),
  ]
  return lines.length > 0
    ? lines.slice(0, 20).join('\n')
    : 'in the bytes of some member; the folders are kept.'
}
