import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { parseReceipts } from '../../../manifests/index.js'
import { get, install, mediaStatus, readReceipts, save, verify } from '../../../provider/index.js'
import { growingLayouts } from '../../fixtures/growing-layouts.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

const BASE = 2_000_000
const CHANGE = 300_000
const SLACK = 1_000_000

describe('receipts', () => {
  const temporary = scratch()
  let folder: string
  let layouts: string[]

  before(() => {
    folder = temporary.folder()
    layouts = growingLayouts(folder, { base: BASE, change: CHANGE })
  })
  after(() => temporary.remove())

  async function mediaWith(name: string, version: number, base: string[] = []): Promise<string> {
    const media = path.join(folder, name)
    mkdirSync(media, { recursive: true })
    await save({ names: [layouts[version] ?? ''], path: media, format: 'media', base })
    return media
  }

  function logOn(media: string): string {
    const [name = ''] = readdirSync(path.join(media, 'receipts'))
    return path.join(media, 'receipts', name)
  }

  it('say what was installed and what was there, and nothing of the host', async () => {
    const media = await mediaWith('first', 0)
    const store = path.join(folder, 'first-store')
    await install({ store, targets: [media], receipt: media })
    await install({ store, targets: [media], receipt: media })
    const text = readFileSync(logOn(media), 'utf8')
    expect(text).not.to.contain(folder)
    const receipts = parseReceipts(Buffer.from(text), 'log')
    expect(receipts.map(({ images }) => images.map(({ outcome }) => outcome))).to.deep.equal([
      ['installed'],
      ['present'],
    ])
    expect(receipts[0]?.blobs.every(({ outcome }) => outcome === 'installed')).to.equal(true)
    expect(receipts[1]?.blobs.every(({ outcome }) => outcome === 'present')).to.equal(true)
    expect(receipts[0]?.host).to.equal(undefined)
    expect(receipts[0]?.from).to.deep.equal(['first'])
    expect((await verify({ paths: [media] })).problems).to.deep.equal([])
  })

  it('go from inventory to delta to install to receipt to the next delta, for two hosts over three versions', async () => {
    const hosts = ['alpha', 'beta'].map((name) => ({
      name,
      store: path.join(folder, name),
      inbox: path.join(folder, `${name}-in`),
    }))
    const first = await mediaWith('round-1', 0)
    for (const { store, inbox, name } of hosts) {
      mkdirSync(inbox)
      await install({ store, targets: [first], receipt: inbox, receiptHost: name })
    }
    // Beta misses the second stick.
    const [alpha, beta] = hosts
    const second = await mediaWith('round-2', 1, [alpha?.inbox ?? '', beta?.inbox ?? ''].map(onlyLog))
    expect(sizeOf(second)).to.be.below(CHANGE + SLACK)
    await install({
      store: alpha?.store ?? '',
      targets: [second],
      receipt: alpha?.inbox ?? '',
      receiptHost: 'alpha',
    })
    const status = await mediaStatus({ path: second, receipts: hosts.map(({ inbox }) => inbox) })
    expect(status.hosts.map(({ host, images }) => [host, images.map(({ state }) => state)])).to.deep.equal([
      ['alpha', ['delivered']],
      ['beta', ['not yet']],
    ])
    // So the third has to bring what beta lacks, too.
    const third = await mediaWith(
      'round-3',
      2,
      hosts.map(({ inbox }) => onlyLog(inbox)),
    )
    expect(sizeOf(third)).to.be.within(2 * CHANGE, 2 * CHANGE + SLACK)
    for (const { store } of hosts) {
      await install({ store, targets: [third] })
      expect((await verify({ store })).problems).to.deep.equal([])
    }
  })

  it('name what was refused, and why', async () => {
    const media = await mediaWith('whole', 0)
    const delta = await mediaWith('refused', 1, [media])
    const store = path.join(folder, 'refused-store')
    await failure(install({ store, targets: [delta], receipt: delta }), 'BASE_MISSING')
    const [log] = await readReceipts({ paths: [delta] })
    expect(log?.receipts[0]?.images[0]?.outcome).to.equal('refused')
    expect(log?.receipts[0]?.error?.code).to.equal('BASE_MISSING')
    const { hosts } = await mediaStatus({ path: delta })
    expect(hosts[0]?.images[0]?.state).to.equal('refused')
    await install({ store, targets: [media, delta], receipt: delta })
    expect((await mediaStatus({ path: delta })).hosts[0]?.images[0]?.state).to.equal('delivered')
  })

  describe('that were tampered with', () => {
    let lines: string[]

    before(async () => {
      const media = await mediaWith('tampered', 0)
      const store = path.join(folder, 'tampered-store')
      for (let i = 0; i < 4; i++) await install({ store, targets: [media], receipt: media })
      lines = readFileSync(logOn(media), 'utf8').trimEnd().split('\n')
    })

    const TAMPERED: [string, (lines: string[]) => string][] = [
      [
        'a line that was changed',
        (all) => text(all.map((line, i) => (i === 1 ? line.replace('present', 'absent') : line))),
      ],
      ['a line that was taken out', (all) => text(all.filter((_, i) => i !== 1))],
      ['the first line taken out', (all) => text(all.slice(1))],
      ['two lines that changed places', ([a = '', b = '', ...more]) => text([b, a, ...more])],
      ['a line that is there twice', ([a = '', ...more]) => text([a, a, ...more])],
      ['a last line that was cut short', (all) => text(all).slice(0, -20)],
      ['no end of the last line', (all) => text(all).slice(0, -1)],
      ['a line of another kind', (all) => text([...all, '{}'])],
    ]
    for (const [name, tamper] of TAMPERED)
      it(`show ${name}`, async () => {
        const file = path.join(folder, 'log.jsonl')
        writeFileSync(file, tamper(lines))
        await failure(readReceipts({ paths: [file] }), 'RECEIPT_INVALID')
        await failure(save({ names: [layouts[1] ?? ''], path: folder, base: [file] }), 'RECEIPT_INVALID')
      })

    it('show an end that was cut off to whoever has seen it, and are not written over', async () => {
      const file = path.join(folder, 'log.jsonl')
      writeFileSync(file, text(lines))
      const cut = path.join(folder, 'cut.jsonl')
      writeFileSync(cut, text(lines.slice(0, 2)))
      const forked = path.join(folder, 'forked.jsonl')
      const store = path.join(folder, 'tampered-store')
      const [before] = await readReceipts({ store })
      expect(before?.receipts).to.have.length(4)
      const status = await mediaStatus({ path: path.join(folder, 'tampered'), receipts: [cut, file] })
      expect(status.hosts).to.have.length(1)
      // A log that went on in another way than the store's own.
      const other = path.join(folder, 'other-store')
      await install({ store: other, targets: [layouts[0] ?? ''], receipt: forked })
      await failure(install({ store, targets: [layouts[0] ?? ''], receipt: forked }), 'RECEIPT_INVALID')
      expect((await readReceipts({ paths: [forked] }))[0]?.receipts).to.have.length(1)
    })
  })

  it('are refused before anything is installed where they cannot be written', async () => {
    const store = path.join(folder, 'unwritten-store')
    const file = path.join(folder, 'notes.txt')
    writeFileSync(file, 'something else\n')
    await failure(install({ store, targets: [layouts[0] ?? ''], receipt: file }), 'RECEIPT_INVALID')
    expect(existsSync(path.join(store, 'index.json'))).to.equal(false)
    expect(readFileSync(file, 'utf8')).to.equal('something else\n')
  })

  it('do not become a file where the folder for them vanished meanwhile, and all go along the next time', async () => {
    const store = path.join(folder, 'vanished-store')
    const stick = path.join(folder, 'vanished')
    mkdirSync(stick)
    const request = { store, targets: [layouts[0] ?? ''], receipt: stick }
    const onProgress = ({ type }: { type: string }): void => {
      if (type === 'end') rmSync(stick, { recursive: true, force: true })
    }
    const error = await failure(install({ ...request, onProgress }), 'PATH_NOT_FOUND')
    expect(error.remedy).to.contain('The images are installed')
    expect(existsSync(stick)).to.equal(false)
    expect((await get({ store })).map(({ tag }) => tag)).to.include('1.0')
    await failure(install({ ...request, receipt: `${stick}/` }), 'PATH_NOT_FOUND')
    mkdirSync(stick)
    await install(request)
    const [log] = await readReceipts({ paths: [stick] })
    expect(log?.receipts.map(({ images }) => images[0]?.outcome)).to.deep.equal(['installed', 'present'])
  })

  it('name a file without its folders, also where it is gone by then', async () => {
    const [store, log] = [path.join(folder, 'gone-store'), path.join(folder, 'gone.jsonl')]
    const file = path.join(folder, 'gone.tar')
    await save({ names: [layouts[0] ?? ''], path: file })
    const onProgress = ({ type }: { type: string }): void => {
      if (type === 'end') rmSync(file, { force: true })
    }
    await install({ store, targets: [file], receipt: log, onProgress })
    expect((await readReceipts({ paths: [log] }))[0]?.receipts[0]?.from).to.deep.equal(['gone.tar'])
  })

  const onUnix = process.platform === 'win32' ? it.skip : it
  onUnix('are read from files alone: a pipe or a device of a hostile stick is not waited for', async () => {
    const media = await mediaWith('pipes', 0)
    await install({ store: path.join(folder, 'pipes-store'), targets: [media], receipt: media })
    const [pipe, device] = ['pipe.jsonl', 'zero.jsonl'].map((name) => path.join(media, 'receipts', name))
    execFileSync('mkfifo', [pipe ?? ''])
    symlinkSync('/dev/zero', device ?? '')
    expect(await readReceipts({ paths: [media] })).to.have.length(1)
    expect((await mediaStatus({ path: media })).hosts).to.have.length(1)
    for (const file of [pipe ?? '', device ?? ''])
      await failure(readReceipts({ paths: [file] }), 'RECEIPT_INVALID')
  })

  it('of one store that do not agree are told', async () => {
    const media = await mediaWith('agree', 0)
    const store = path.join(folder, 'agree-store')
    const [one, two] = [path.join(folder, 'agree-1.jsonl'), path.join(folder, 'agree-2.jsonl')]
    await install({ store, targets: [media], receipt: one })
    const lines = readFileSync(one, 'utf8')
    await install({ store, targets: [media], receipt: two })
    // As if the log of the store had been set back in between.
    writeFileSync(path.join(store, 'receipts.jsonl'), lines)
    const three = path.join(folder, 'agree-3.jsonl')
    await install({ store, targets: [layouts[1] ?? ''], receipt: three })
    await failure(mediaStatus({ path: media, receipts: [two, three] }), 'RECEIPT_INVALID')
  })
})

function text(lines: string[]): string {
  return `${lines.join('\n')}\n`
}

/** The log that lies in a folder. */
function onlyLog(inbox: string): string {
  return path.join(inbox, readdirSync(inbox).find((name) => name.endsWith('.jsonl')) ?? '')
}

function sizeOf(media: string): number {
  const list = JSON.parse(readFileSync(path.join(media, 'media.json'), 'utf8')) as {
    files: { size: number }[]
  }
  return list.files.reduce((sum, { size }) => sum + size, 0)
}
