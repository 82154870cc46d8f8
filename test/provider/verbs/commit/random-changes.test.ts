import {
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { commit, unpack } from '../../../../provider/index.js'
import { generator } from '../../../../scripts/random.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { listing } from '../../inside/unpack/listing.js'

/** Few, so that what is made meets what is there. */
const NAMES = ['a', 'a-b', 'ab', 'b', 'c']

/** Changes a tree at random places: makes, replaces, links and removes, never through a link. */
class Changes {
  private readonly next: () => number

  constructor(
    private readonly root: string,
    seed: number,
  ) {
    this.next = generator(seed)
  }

  make(count: number): void {
    for (let i = 0; i < count; i++) this.one()
  }

  private below(most: number): number {
    return Math.floor(this.next() * most)
  }

  private one(): void {
    const place = this.place()
    if (place === undefined) return
    const there = lstatSync(place, { throwIfNoEntry: false })
    const files = this.files()
    const clear = (): void => rmSync(place, { recursive: true, force: true })
    const kind = this.below(8)
    if (kind === 0) clear()
    else if (kind === 1 && there && !there.isSymbolicLink())
      chmodSync(place, [0o755, 0o600, 0o4711][this.below(3)] ?? 0)
    else if (kind === 2 && there) lchownSync(place, this.below(3), this.below(3))
    else if (kind === 3 && !there && files.length > 0) linkSync(files[this.below(files.length)] ?? '', place)
    else if (kind === 4 && there?.isFile()) writeFileSync(place, String(this.below(5)))
    else if (kind >= 5) {
      clear()
      if (kind === 5) symlinkSync(NAMES[this.below(NAMES.length)] ?? '', place)
      else if (kind === 6) mkdirSync(place)
      else writeFileSync(place, String(this.below(5)))
    }
  }

  /** Undefined where something that is no folder is on the way. */
  private place(): string | undefined {
    let place = this.root
    for (let depth = this.below(3); depth > 0; depth--) {
      place = path.join(place, NAMES[this.below(NAMES.length)] ?? '')
      const there = lstatSync(place, { throwIfNoEntry: false })
      if (!there) mkdirSync(place)
      else if (!there.isDirectory()) return undefined
    }
    return path.join(place, NAMES[this.below(NAMES.length)] ?? '')
  }

  private files(): string[] {
    return readdirSync(this.root, { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(this.root, name))
      .filter((name) => lstatSync(name).isFile())
  }
}

/** Layers have whole seconds, and folders and links get others while they are unpacked. */
function withoutTimes(line: string): string {
  return line.replace(/^(.* \d+ \d+ \d+:\d+) \d+/, '$1')
}

describeWithPeers(['umoci', 'skopeo'], 'commit of changes at random', () => {
  const { folder, remove } = scratch()

  before(function () {
    if (process.getuid?.() !== 0) this.skip()
  })
  afterEach(remove)

  for (let seed = 1; seed <= 6; seed++)
    it(`makes an image that is unpacked to the same by us and by umoci (seed ${seed})`, async () => {
      const place = folder()
      const store = path.join(place, 'store')
      const [root, work, ours, theirs] = ['root', 'work', 'ours', 'theirs'].map((name) =>
        path.join(place, name),
      )
      if (!root || !work || !ours || !theirs) throw new Error('four folders')
      mkdirSync(root)
      writeFileSync(path.join(root, 'stays'), 'as it is')
      new Changes(root, seed).make(30)
      await commit({ path: root, name: 'app:1', from: 'scratch', store })
      await unpack({ name: 'app:1', folder: work, store })
      new Changes(work, seed + 100).make(25)
      writeFileSync(path.join(work, 'new'), 'new')
      await commit({ path: work, name: 'app:2', from: 'app:1', store })
      await unpack({ name: 'app:2', folder: ours, store })
      runPeer('skopeo', ['copy', '--quiet', `oci:${store}:app:2`, `oci:${place}/layout:1`])
      runPeer('umoci', ['unpack', '--image', `${place}/layout:1`, theirs])
      const wanted = listing(work).map(withoutTimes)
      expect(wanted.length).to.be.greaterThan(5)
      expect(listing(ours).map(withoutTimes)).to.deep.equal(wanted)
      expect(listing(path.join(theirs, 'rootfs')).map(withoutTimes)).to.deep.equal(wanted)
      expect((await commit({ path: ours, name: 'app:3', from: 'app:2', store })).files).to.deep.equal([])
    })
})
