import { expect } from 'chai'
import { toldInAnyCase } from '../../../cli/command/told-in-any-case.js'
import { savedLines } from '../../../cli/output/saved-images.js'
import { outdatedLines, updatedLines } from '../../../cli/output/sets.js'
import { ContainerImageError, noteDone } from '../../../manifests/index.js'
import type { SaveResult } from '../../../provider/index.js'
import { failure } from '../../provider/verbs/failure.js'

const DIGEST = `sha256:${'a'.repeat(64)}` as const
const NOTHING: SaveResult = { images: [], files: [], fetchedBytes: 0, reusedBytes: 0 }
const DEBIAN = { name: 'debian', version: '12.5', platform: 'linux/amd64', digest: DIGEST, size: 1 }

describe('what is printed of a set', () => {
  it('is one line for a round without news', () => {
    const bases = [{ kind: 'receipts', id: '1', name: 'plant-7.jsonl' }]
    const told = savedLines({ ...NOTHING, delivered: [DEBIAN, DEBIAN], delta: { bases, savedBytes: 0 } })
    expect(told).to.deep.equal([
      'Nothing new to carry: all 2 images of the set can be found in plant-7.jsonl (receipts).',
    ])
  })

  it('is one line where nothing is newer', () => {
    const compared = [{ with: { kind: 'lock', name: 'site.lock.json' }, changes: [] }]
    expect(outdatedLines({ compared, images: 1 })).to.deep.equal([
      'Nothing is newer than site.lock.json (lock): 1 image.',
    ])
    const same = { lock: '/site.lock.json', written: false, images: 3, changes: [] }
    expect(updatedLines(same, false)).to.deep.equal(['Lock /site.lock.json: nothing new, 3 images.'])
  })

  it('tells two images of one version apart by their digests', () => {
    const [before, now] = [DIGEST, `sha256:${'b'.repeat(64)}` as const].map((digest) => ({
      version: 'stable',
      digest,
    }))
    const changes = [{ name: 'probe', platform: 'linux/arm64', kind: 'moved' as const, before, now }]
    const lines = outdatedLines({ compared: [{ with: { kind: 'lock', name: 'l' }, changes }], images: 1 })
    expect(lines[1]).to.match(/stable \(a{12}\) +stable \(b{12}\) +moved/)
  })
})

describe('what a verb did', () => {
  const failed = [
    { name: 'one', code: 'NO_MATCH' as const, message: 'not there', remedy: 'look' },
    { name: 'two\u001b[31m', code: 'DIGEST_MISMATCH' as const, message: 'other bytes', remedy: 'fetch' },
    { name: 'three', code: 'NETWORK_TIMEOUT' as const, message: 'slow', remedy: 'wait' },
  ]

  it('is told before what it could not do, of which the worst gives the exit code', async () => {
    const told: SaveResult[] = []
    const result = { ...NOTHING, images: [DEBIAN], failed }
    const error = await failure(
      toldInAnyCase(Promise.resolve(result), (one) => told.push(one)),
      'DIGEST_MISMATCH',
    )
    expect(told).to.deep.equal([result])
    expect(error.exitCode).to.equal(4)
    expect(error.message.split('\n').slice(1)).to.deep.equal([
      'one: NO_MATCH: not there',
      'two?[31m: DIGEST_MISMATCH: other bytes',
      'three: NETWORK_TIMEOUT: slow',
    ])
    expect(error.details?.failed).to.deep.equal(failed)
  })

  it('is told as well if the first failure ended it', async () => {
    const error = new ContainerImageError('NO_SPACE', 'full')
    noteDone(error, NOTHING)
    const told: SaveResult[] = []
    const work: Promise<SaveResult> = Promise.reject(error)
    expect(
      await failure(
        toldInAnyCase(work, (one) => told.push(one)),
        'NO_SPACE',
      ),
    ).to.equal(error)
    expect(told).to.deep.equal([NOTHING])
  })
})
