import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { makeLayout } from '../../test/fixtures/layout.js'
import { optionIn, printResults, remove, runInTurn } from './measure.js'

/**
 * Compares the packages of a Debian image with a database of advisories, and makes that database, from a generated file
 * in the format of Debian's security tracker: `--advisories N`, default 200000, each for three releases; `--packages
 * N`, default 500; `--runs N`, default 5, but always one for making the database; `--memory DIR` chooses where.
 */
const args = process.argv.slice(3)
const program = path.resolve('dist/bin/containerimage.js')
const advisories = Number(optionIn(args, 'advisories') ?? 200_000)
const packages = Number(optionIn(args, 'packages') ?? 500)
const runs = Number(optionIn(args, 'runs') ?? 5)
const OF_ONE_PACKAGE = 50
const RELEASES = ['bullseye', 'bookworm', 'trixie']

export async function run(): Promise<void> {
  const memory = optionIn(args, 'memory') ?? (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir())
  const folder = mkdtempSync(path.join(memory, 'containerimage-bench-'))
  // This run must keep its own data about layers, and its own database.
  process.env.XDG_DATA_HOME = path.join(folder, 'data')
  try {
    const [tracker, database, layout] = ['tracker.json', 'advisories.db', 'layout'].map((name) =>
      path.join(folder, name),
    ) as [string, string, string]
    writeFileSync(tracker, JSON.stringify(madeTracker()))
    mkdirSync(layout)
    makeLayout(layout, [{ refName: 'debian:12', layers: [{ files: madeDebian() }] }])
    const add = ['database', 'add', tracker, '--database', database, '--quiet']
    printResults(
      `${advisories} advisories`,
      await runInTurn([{ title: 'database add', command: [process.execPath, program, ...add] }], 1, 0),
    )
    const ask = ['vulnerabilities', layout, '--database', database, '--json', '--quiet']
    const command = [process.execPath, program, ...ask, '--store', path.join(folder, 'none')]
    printResults(
      `${packages} packages`,
      await runInTurn([{ title: 'vulnerabilities, its layers known', command }], runs, 1),
    )
  } finally {
    remove(folder)
  }
}

/** By source package and CVE: for each package one in ten is open, and all others were fixed in earlier versions. */
function madeTracker(): Record<string, Record<string, unknown>> {
  const tracker: Record<string, Record<string, unknown>> = {}
  for (let i = 0; i < advisories; i++) {
    const name = `package${Math.floor(i / OF_ONE_PACKAGE)}`
    const releases = RELEASES.map((release, at) => {
      const fixed = { status: 'resolved', fixed_version: `0.${i % OF_ONE_PACKAGE}.${at}-1`, urgency: 'high' }
      return [release, i % 10 > 0 ? fixed : { status: 'open', urgency: 'low' }] as const
    })
    const description = `What is wrong in ${name}, in some words that are as many as those of others`
    tracker[name] = {
      ...tracker[name],
      [`CVE-2026-${100_000 + i}`]: { description, releases: Object.fromEntries(releases) },
    }
  }
  return tracker
}

function madeDebian(): Record<string, string> {
  const status = Array.from(
    { length: packages },
    (_, i) =>
      `Package: package${i}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.${i % OF_ONE_PACKAGE}.0-1\n`,
  )
  return {
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    'var/lib/dpkg/status': status.join('\n'),
  }
}
