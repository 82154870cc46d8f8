import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type ProgressEvent, type SaveRequest, save, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { failure } from '../provider/verbs/failure.js'
import { filesIn } from '../provider/verbs/on-disk.js'
import { scratch } from '../scratch.js'

/** A file system of its own that holds little: a full disk that fills no other. */
function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

const MB = 1_000_000

;(canMount() ? describe : describe.skip)('a save on a disk that fills up in the middle', () => {
  const temporary = scratch()
  let disk: string
  let layout: string
  let archive: string
  let filler: string

  before(async () => {
    layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      {
        refName: 'app:1.0',
        layers: [1, 2, 3, 4].map((i) => ({ files: { [i]: 3 * MB }, compression: 'none' as const })),
      },
    ])
    const tar = path.join(temporary.folder(), 'app.tar')
    await save({ names: [layout], path: tar })
    archive = `${tar}.gz`
    writeFileSync(archive, gzipSync(readFileSync(tar), { level: 1 }))
    disk = path.join(temporary.folder(), 'disk')
    mkdirSync(disk)
    filler = path.join(disk, 'filler')
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk])
    if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr}`)
  })
  beforeEach(() => {
    for (const name of readdirSync(disk)) rmSync(path.join(disk, name), { recursive: true })
  })
  after(() => {
    spawnSync('umount', [disk])
    temporary.remove()
  })

  /** Bytes of the disk that the run has taken; a file may be longer than that. */
  function bytesLeft(): number {
    const files = Object.keys(filesIn(disk)).map((name) => statSync(path.join(disk, name)))
    return files.reduce((sum, { blocks, size }) => sum + Math.min(size, blocks * 512), 0)
  }

  /** As another program would: until nothing more fits. */
  function fill(): void {
    const file = openSync(filler, 'a')
    const bytes = Buffer.alloc(64 * 1024)
    try {
      for (let size = bytes.length; size > 0; )
        try {
          writeSync(file, bytes, 0, size)
        } catch {
          size = Math.floor(size / 2)
        }
    } finally {
      closeSync(file)
    }
  }

  /** Fills the disk once so many bytes have come. */
  function fillAfter(most: number): (event: ProgressEvent) => void {
    let come = 0
    return (event) => {
      if (event.type !== 'bytes' || event.kind !== 'copied') return
      const before = come
      come += event.count
      if (before < most && come >= most) fill()
    }
  }

  const forms: Record<string, Partial<SaveRequest>> = {
    'a tar': { path: 'out.tar' },
    'a docker archive': { path: 'out.tar', format: 'docker-archive' },
    'a zip': { path: 'out.zip' },
    volumes: { path: '.', volumeSize: 4.5 * MB },
    'a media': { path: 'usb', format: 'media', force: true },
  }
  for (const [what, form] of Object.entries(forms))
    for (const how of ['from files', 'from a stream'])
      it(`goes on where it was: ${what}, ${how}`, async () => {
        const request = {
          ...form,
          names: [how === 'from files' ? layout : archive],
          path: path.join(disk, form.path ?? ''),
        }
        const undisturbed = temporary.folder()
        if (form.format !== 'media') await save({ ...request, path: path.join(undisturbed, form.path ?? '') })
        const error = await failure(save({ ...request, onProgress: fillAfter(7 * MB) }), 'NO_SPACE')
        expect(error).to.include({ exitCode: 6, side: 'destination' })
        rmSync(filler)
        const left = bytesLeft()
        const again = await save(request)
        // What lies in a file on this machine is not fetched: it may be copied again.
        if (how === 'from a stream') {
          expect(left).to.be.at.least(2 * MB)
          expect(again.reusedBytes, 'what had come is kept').to.be.at.least(left - 1.1 * MB)
          expect(again.fetchedBytes).to.be.at.most(12.2 * MB - again.reusedBytes)
        }
        expect((await verify({ paths: [request.path] })).problems).to.deep.equal([])
        if (form.format !== 'media') expect(filesIn(disk)).to.deep.equal(filesIn(undisturbed))
      })
})
