// Runs the project's tasks on a fresh clone: first installs and builds what they need.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const [task, ...rest] = process.argv.slice(2)

const tasks = {
  build,
  prepack: () => {
    build()
    settleModes()
  },
  test: async () => {
    if (rest.length > 0) return await someTests()
    build()
    mustRun(process.execPath, [inModules('@biomejs/biome/bin/biome'), 'check', '.'])
    mustRun(process.execPath, ['dist/scripts/test.js', ...rest])
  },
  windows: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/windows.js', ...rest])
  },
  demo: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/demo.js', ...rest])
  },
  bench: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/bench/main.js', ...rest])
  },
  inject: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/inject.js', ...rest])
  },
  fuzz: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/fuzz.js', ...rest])
  },
  stress: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/stress.js', ...rest])
  },
  'power-loss': () => {
    build()
    mustRun(process.execPath, ['dist/scripts/power-loss.js', ...rest])
  },
  docs: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/docs.js', ...rest])
  },
  sbom: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/sbom.js'])
  },
  advisories: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/advisories.js', ...rest])
  },
  reproduce: () => {
    build()
    mustRun(process.execPath, ['dist/scripts/reproduce.js'])
  },
  mutate: () => {
    build()
    if (rest[0] === 'threats') mustRun(process.execPath, ['dist/scripts/take-out-rules.js', ...rest.slice(1)])
    else mustRun(process.execPath, ['dist/scripts/mutate.js', ...rest])
  },
}

/** Installs if the lock file is not the one that was installed last; node_modules may be for another platform. */
function install() {
  const mark = path.join(root, 'node_modules', '.installed')
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // No package needs its install script, and none is to download anything.
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  mustRun(npm, ['ci', ...options], { shell: process.platform === 'win32' })
  writeFileSync(mark, wanted)
}

function build() {
  install()
  mustRun(process.execPath, [inModules('typescript/bin/tsc'), '-p', '.'])
  // The page runs in a browser and uses browser types; the bundle is made from its sources.
  mustRun(process.execPath, [inModules('typescript/bin/tsc'), '-p', 'cli/ui/page'])
  mustRun(process.execPath, ['dist/scripts/bundle.js'])
}

/**
 * npm packs modes as they are, and they follow the umask of whoever cloned and built: the same commit has to give the
 * same bytes.
 */
function settleModes() {
  const { files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  for (const name of [...files, 'package.json']) {
    const place = path.join(root, name)
    const below = statSync(place).isDirectory()
      ? readdirSync(place, { recursive: true, encoding: 'utf8' })
      : ['']
    for (const file of below.map((one) => path.join(place, one))) {
      const { mode } = statSync(file)
      if (statSync(file).isFile()) chmodSync(file, mode & 0o100 ? 0o755 : 0o644)
    }
  }
}

/** Runs those that were named: neither types nor style are checked, so that they take only seconds. */
async function someTests() {
  install()
  process.chdir(root)
  const { quickBuild } = await import('./quick-build.mjs')
  // The package needs declarations, which only the compiler makes: making them once is enough.
  if (!existsSync('dist/provider/index.d.ts')) build()
  else if (await quickBuild()) mustRun(process.execPath, ['dist/scripts/bundle.js'])
  mustRun(process.execPath, ['dist/scripts/test.js', ...rest])
}

function inModules(file) {
  return path.join('node_modules', ...file.split('/'))
}

function mustRun(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) throw result.error
  if (result.status !== 0) process.exit(result.status ?? 1)
}

const run = tasks[task]
if (!run) {
  console.error(`Unknown task ${task ?? ''}; there are: ${Object.keys(tasks).join(', ')}`)
  process.exit(2)
}
await run()
