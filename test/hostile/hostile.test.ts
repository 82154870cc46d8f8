import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { databaseAdd } from '../../provider/index.js'
import { randomOf, shuffled } from '../../scripts/mutate/random.js'
import { restoreEnvironment } from '../environment.js'
import { makeLayout } from '../fixtures/layout.js'
import { record } from '../provider/inside/database/made-database.js'
import { writeFiles } from '../provider/inside/database/made-files.js'
import { DPKG_STATUS } from '../provider/inside/packages/samples.js'
import { scratch } from '../scratch.js'
import { listing } from '../security/attack.js'
import { PLANTED, victim } from '../security/victim.js'
import { commandsFor } from './commands.js'
import { CORPUS } from './corpus.js'
import type { HostileInput } from './input.js'
import { judged } from './judge.js'
import { chosenOf, EVERY, MOST_LINES, SEED } from './sample.js'

describe(`whatever is brought, every command ends well (1 of ${EVERY}, seed ${SEED})`, () => {
  const fixtures = scratch()
  const temporary = scratch()
  const environment = { ...process.env }
  const ends: (() => Promise<void>)[] = []
  let good: string
  let database: string

  before(async () => {
    const place = fixtures.folder()
    good = path.join(place, 'good')
    makeLayout(good, [
      {
        refName: 'good:1.0',
        layers: [
          { files: { 'etc/os-release': 'ID=debian\nVERSION_ID=12\n', 'var/lib/dpkg/status': DPKG_STATUS } },
        ],
      },
    ])
    await writeFiles(place, {
      'osv.json': record('CVE-2026-1', 'Debian:12', 'libc6', { versions: ['2.36-9+deb12u10'] }),
    })
    database = path.join(place, 'advisories.db')
    await databaseAdd({ paths: [path.join(place, 'osv.json')], database })
  })
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
    restoreEnvironment(environment)
    temporary.remove()
  })
  after(() => fixtures.remove())

  for (const input of chosenOf(CORPUS)) it(`${input.takenAs}: ${input.what}`, () => endsWell(input))

  async function endsWell({ what, takenAs, patience, make }: HostileInput): Promise<void> {
    const home = temporary.folder()
    const user = victim(path.join(home, 'user'))
    const from = path.join(home, 'from')
    mkdirSync(from)
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(takenAs === 'settings' ? from : home, 'settings')
    process.env.CONTAINERIMAGE_STORE = path.join(home, 'own-store')
    process.env.XDG_DATA_HOME = path.join(home, 'data')
    process.env.XDG_CACHE_HOME = path.join(home, 'cache')
    process.env.DOCKER_CONFIG = path.join(home, 'docker')
    const places = {
      input: await make(from, (end) => ends.push(end)),
      beside: from,
      good,
      database,
      out: path.join(home, 'out'),
      store: path.join(home, 'store'),
    }
    const before = [user.facts(), listing(from), listing(good)]
    const lines = commandsFor(takenAs, places).flatMap((words) => [words, [...words, '--json']])
    for (const words of shuffled(lines, randomOf(SEED + what.length)).slice(0, MOST_LINES)) {
      for (const folder of [places.out, places.store]) rmSync(folder, { recursive: true, force: true })
      mkdirSync(places.out)
      for (const name of ['saved.tar.part', 'media'])
        PLANTED['a link to a file']?.(path.join(places.out, name), user)
      await judged(words, patience)
      if (takenAs === 'registry' && existsSync(places.store))
        expect(await judged(['verify', '--store', places.store]), words.join(' ')).to.equal(0)
      expect([user.facts(), listing(from), listing(good)], words.join(' ').slice(0, 300)).to.deep.equal(
        before,
      )
    }
  }

  it('and the README names each kind of input', () => {
    const readme = readFileSync('test/hostile/README.md', 'utf8')
    for (const kind of new Set(CORPUS.map(({ takenAs }) => takenAs))) expect(readme).to.include(`\`${kind}\``)
  })
})
