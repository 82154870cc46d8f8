import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { fromHere } from '../../../cli/output/from-here.js'
import { savedLines } from '../../../cli/output/saved-images.js'
import {
  install,
  mediaRemove,
  type SaveResult,
  save,
  setOutdated,
  setUpdate,
} from '../../../provider/index.js'
import { restoreEnvironment } from '../../environment.js'
import { OWN, ScriptedYear, SHARED } from '../../fixtures/scripted-year.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

/** Documents, gzip's frames and the lists of a media, in bytes: far less than any layer that would be carried too much. */
const BESIDES = 25_000

describeWithPeers(
  ['docker-registry', 'skopeo'],
  'a set over a year in which versions come, move and go',
  () => {
    const temporary = scratch()
    const environment = { ...process.env }
    let folder: string
    let year: ScriptedYear
    let set: string
    let lock: string
    /** What came back from the site. */
    let inbox: string
    let site: string

    before(async () => {
      folder = temporary.folder()
      process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(folder, 'settings')
      process.env.CONTAINERIMAGE_STORE = path.join(folder, 'online')
      year = await ScriptedYear.start(folder)
      set = path.join(folder, 'plant-7.yaml')
      lock = path.join(folder, 'plant-7.lock.json')
      inbox = path.join(folder, 'receipts.jsonl')
      site = path.join(folder, 'site')
      writeFileSync(
        set,
        `# What plant 7 needs
source: lab
sources: { lab: "${year.url}" }
platforms: [linux/amd64]
format: media
images:
  - name: base/debian
    minimumVersion: 12.0
    newest: 2
    exclude: 12.3
  - name: tools/probe
    version: stable
    platforms: [linux/amd64, linux/arm64]
`,
      )
    })
    after(async () => {
      restoreEnvironment(environment)
      await year?.stop()
      temporary.remove()
    })

    function stick(name: string): string {
      const made = path.join(folder, name)
      mkdirSync(made)
      return made
    }

    /** Carries a stick to the site; its receipts come back. */
    async function carried(made: string): Promise<void> {
      await install({
        targets: [made],
        store: site,
        allPlatforms: true,
        receipt: inbox,
        noLatest: true,
      })
    }

    const listed = ({ images }: SaveResult): string[] =>
      images.map(({ name, version, platform }) => `${name} ${version} ${platform}`).sort()
    const carriedBytes = ({ fetchedBytes }: SaveResult): number => fetchedBytes

    it('in spring carries all of it, and locks every digest', async () => {
      for (const version of ['12.1', '12.2']) year.publish('base/debian', version)
      year.publish('tools/probe', 'stable')
      const made = stick('spring')
      const saved = await save({ names: [], set, path: made })
      expect(listed(saved)).to.deep.equal([
        'debian 12.1 linux/amd64',
        'debian 12.2 linux/amd64',
        'probe stable linux/amd64',
        'probe stable linux/arm64',
      ])
      const { images } = JSON.parse(readFileSync(lock, 'utf8'))
      expect(images.map(({ digest }: { digest: string }) => digest).sort()).to.deep.equal(
        saved.images.map(({ digest }) => digest).sort(),
      )
      expect(carriedBytes(saved)).to.be.greaterThan(3 * SHARED + 4 * OWN)
      await carried(made)
    })

    it('says in the meantime that nothing is newer', async () => {
      const ofLock = await setOutdated({ path: set })
      expect(ofLock.compared.flatMap(({ changes }) => changes)).to.deep.equal([])
      const ofSite = await setOutdated({ path: set, base: [inbox] })
      expect(ofSite.compared.flatMap(({ changes }) => changes)).to.deep.equal([])
    })

    it('carries nothing in a round without news', async () => {
      const made = stick('may')
      const before = readFileSync(lock)
      const saved = await save({ names: [], set, path: made, base: [inbox] })
      expect(saved.images).to.deep.equal([])
      expect(saved.files).to.deep.equal([])
      expect(saved.fetchedBytes).to.equal(0)
      expect(saved.delivered).to.have.length(4)
      expect(saved.lock?.written).to.equal(false)
      expect(readFileSync(lock)).to.deep.equal(before)
      expect(existsSync(path.join(made, 'media.json'))).to.equal(false)
    })

    it('says of a media that has all of it that nothing came, and only then', async () => {
      const made = stick('kept')
      const first = await save({ names: [], set, path: made })
      expect(first.unchanged).to.equal(undefined)
      const again = await save({ names: [], set, path: made })
      expect([again.unchanged, again.fetchedBytes, again.images.length]).to.deep.equal([true, 0, 4])
      expect(savedLines(again)).to.deep.equal([
        `Nothing new to carry: all 4 images of the set are on ${fromHere(made)} already.`,
      ])
      await mediaRemove({ path: made, names: ['debian:12.1'] })
      expect((await save({ names: [], set, path: made })).unchanged).to.equal(undefined)
      const [blob = ''] = readdirSync(path.join(made, 'blobs', 'sha256'))
      rmSync(path.join(made, 'blobs', 'sha256', blob), { force: true })
      expect((await save({ names: [], set, path: made })).unchanged).to.equal(undefined)
    })

    it('in summer tells what has come and moved, and carries that alone', async () => {
      for (const version of ['12.3', '12.4']) year.publish('base/debian', version)
      year.publish('tools/probe', 'stable', { revision: 2 })
      const { compared } = await setOutdated({ path: set })
      const changes = compared[0]?.changes.map(({ name, platform, kind, before, now }) =>
        [name, platform, kind, before?.version, now?.version].join(' '),
      )
      expect(changes).to.deep.equal([
        'debian linux/amd64 newer 12.1 12.4',
        'probe linux/amd64 moved stable stable',
        'probe linux/arm64 moved stable stable',
      ])
      const made = stick('summer')
      const saved = await save({ names: [], set, path: made, base: [inbox] })
      expect(listed(saved)).to.deep.equal([
        'debian 12.4 linux/amd64',
        'probe stable linux/amd64',
        'probe stable linux/arm64',
      ])
      expect(saved.delivered?.map(({ version }) => version)).to.deep.equal(['12.2'])
      expect(saved.delta?.savedBytes).to.be.greaterThan(3 * SHARED)
      expect(carriedBytes(saved)).to.be.within(3 * OWN, 3 * OWN + BESIDES)
      await carried(made)
      const ofSite = await setOutdated({ path: set, base: [inbox] })
      expect(ofSite.compared.flatMap(({ changes }) => changes)).to.deep.equal([])
    })

    it('in autumn loses what was deleted from the lock, and takes a locked one by its digest', async () => {
      const bad = year.publish('base/debian', '12.5')
      const update = await setUpdate({ path: set })
      expect(update.changes.map(({ kind, now }) => `${kind} ${now?.version}`)).to.deep.equal(['newer 12.5'])
      expect(update.changes[0]?.now?.layers).to.include({ count: 2, added: 1 })
      await year.remove('base/debian', bad)
      const byDigest = await save({ names: [], set, locked: true, path: stick('deleted') })
      expect(listed(byDigest)).to.include('debian 12.5 linux/amd64')
      const gone = byDigest.images.find(({ version }) => version === '12.5')
      await year.remove('base/debian', { mediaType: '', size: 0, digest: gone?.digest ?? '' })
      await failure(save({ names: [], set, locked: true, path: stick('gone') }), 'NOT_FOUND')
      const rest = await save({ names: [], set, locked: true, path: stick('rest'), keepGoing: true })
      expect(rest.images).to.have.length(3)
      expect(rest.failed?.map(({ name, code }) => [name, code])).to.deep.equal([['debian 12.5', 'NOT_FOUND']])
      const again = await setUpdate({ path: set })
      expect(
        again.changes.map(({ kind, before, now }) => [kind, before?.version, now?.version]),
      ).to.deep.equal([['older', '12.5', '12.2']])
      year.publish('tools/probe', 'stable', { revision: 3 })
      const made = stick('autumn')
      const locked = await save({ names: [], set, locked: true, path: made })
      const digests = JSON.parse(readFileSync(lock, 'utf8')).images.map(
        ({ digest }: { digest: string }) => digest,
      )
      expect(locked.images.map(({ digest }) => digest).sort()).to.deep.equal(digests.sort())
      const nothing = await save({ names: [], set, locked: true, path: stick('late autumn'), base: [inbox] })
      expect(nothing.images).to.deep.equal([])
    })
  },
)
