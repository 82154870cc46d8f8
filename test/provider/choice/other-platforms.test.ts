import { rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { othersOfEngineNote } from '../../../provider/choice/other-platforms.js'
import { install, type ProgressEvent, save } from '../../../provider/index.js'
import { addIndex, makeLayout, writeIndex } from '../../fixtures/layout.js'
import { scratch } from '../../scratch.js'

const REF_NAME = 'org.opencontainers.image.ref.name'
const ALL = 'allPlatforms'

/** Two images and, where one is wanted, an index that names them and a third one that is not there. */
function layoutOf(folder: string, isIndex: boolean): string {
  const images = ['amd64', 'arm64', ...(isIndex ? ['s390x'] : [])].map((architecture) => ({
    ...(isIndex ? {} : { refName: 'both:1.0' }),
    platform: { os: 'linux', architecture },
    layers: [{ files: { architecture } }],
  }))
  const roots = makeLayout(folder, images)
  if (!isIndex) return folder
  writeIndex(folder, [{ ...addIndex(folder, roots), annotations: { [REF_NAME]: 'both:1.0' } }])
  const absent = roots[2]
  if (absent) rmSync(path.join(folder, 'blobs', absent.digest.replace(':', '/')))
  return folder
}

describe('images of one name for several platforms, of which one is taken', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  async function notesOf(run: (onProgress: (event: ProgressEvent) => void) => Promise<unknown>) {
    const notes: string[] = []
    await run((event) => {
      if (event.type === 'note' && event.message.includes('both')) notes.push(event.message)
    })
    return notes.filter((note) => note.includes('left out'))
  }

  for (const isIndex of [false, true])
    describe(isIndex ? 'in an index of which one part is missing' : 'in an index of the layout', () => {
      it('are told by save and install, with what takes all of them', async () => {
        const source = layoutOf(temporary.folder(), isIndex)
        const store = path.join(temporary.folder(), 'store')
        const file = path.join(temporary.folder(), 'saved.tar')
        const taken = [
          (onProgress: (event: ProgressEvent) => void) =>
            save({ names: [source], path: file, store, onProgress }),
          (onProgress: (event: ProgressEvent) => void) => install({ targets: [source], store, onProgress }),
        ]
        for (const run of taken) {
          const [note = '', ...more] = await notesOf(run)
          expect(more).to.deep.equal([])
          expect(note).to.match(
            /^both 1\.0 is there for linux\/(arm64|amd64) as well, and that is left out: /,
          )
          expect(note).to.contain(ALL)
        }
      })

      it('are not told of where a platform was named, or all of them', async () => {
        const source = layoutOf(temporary.folder(), isIndex)
        const store = path.join(temporary.folder(), 'store')
        for (const asked of [{ platform: 'linux/arm64' }, { allPlatforms: true }])
          expect(
            await notesOf((onProgress) => install({ targets: [source], store, ...asked, onProgress })),
          ).to.deep.equal([])
      })
    })

  it('are told by a save of what is installed, and only of the name that is saved', async () => {
    const store = path.join(temporary.folder(), 'store')
    const source = layoutOf(temporary.folder(), false)
    makeLayout(source, [{ refName: 'one:1.0', layers: [{ files: { a: 'a' } }] }])
    await install({ targets: [source], store, allPlatforms: true })
    for (const [name, count] of [
      ['both', 1],
      ['one', 0],
    ] as const) {
      const file = path.join(temporary.folder(), `${name}.tar`)
      const notes = await notesOf((onProgress) => save({ names: [name], path: file, store, onProgress }))
      expect(notes, name).to.have.length(count)
    }
  })

  it('are told of an engine, which has one image of a name', () => {
    const others = [{ os: 'linux', architecture: 'arm64' }]
    const note = othersOfEngineNote({ name: 'both 1.0', others })
    expect(note).to.contain('linux/arm64')
    expect(note).to.contain('platform')
  })
})
