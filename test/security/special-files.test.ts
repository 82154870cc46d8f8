import { execFileSync } from 'node:child_process'
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect } from 'chai'
import { install, inventory, save } from '../../provider/index.js'
import { tarOf } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'
import { sourceFiles } from '../source-files.js'
import { type Ended, runProgram } from './program.js'

type Kind = 'a named pipe' | 'a socket' | 'a device' | 'a folder'

/** What is put in the place of a file. A reader would wait for the first two, and never be done with the third. */
const MAKE: Record<Kind, (file: string) => void | Promise<void>> = {
  'a named pipe': (file) => void execFileSync('mkfifo', [file]),
  'a socket': makeSocket,
  'a device': (file) => symlinkSync('/dev/zero', file),
  'a folder': (file) => void mkdirSync(file),
}
/** On Windows only a folder lies in the place of a file. */
const isWindows = process.platform === 'win32'
const KINDS: readonly Kind[] = isWindows ? ['a folder'] : (Object.keys(MAKE) as Kind[])
const describeOnUnix = isWindows ? describe.skip : describe
/** By itself, or behind a link that leads out of a folder that others wrote. */
const IN_FOLDER: Record<Kind, RegExp> = {
  'a named pipe': /a named pipe/,
  'a socket': /a socket/,
  'a device': /a device|a link/,
  'a folder': /a folder/,
}

describe('pipes, sockets and devices in the place of a file', () => {
  const temporary = scratch()
  let made: string
  let home: string

  before(async () => {
    made = temporary.folder()
    await makeStick(made)
  })

  beforeEach(() => {
    home = temporary.folder()
    cpSync(made, home, { recursive: true })
  })

  after(() => temporary.remove())

  /** Puts something else in the place of a file. @returns its path */
  async function instead(name: string, kind: Kind): Promise<string> {
    const file = path.join(home, name)
    rmSync(file, { recursive: true, force: true })
    mkdirSync(path.dirname(file), { recursive: true })
    await MAKE[kind](file)
    return file
  }

  async function refused(args: string[], name: string, found: RegExp): Promise<Ended> {
    const result = await runProgram(args, home)
    const text = result.out + result.err
    expect(result.code, text).to.be.oneOf([1, 2, 4])
    expect(text).to.contain(path.basename(name))
    expect(text).to.match(found)
    expect(text).not.to.match(/UNEXPECTED|node:internal/)
    return result
  }

  for (const kind of KINDS) {
    describe(`: ${kind}`, () => {
      for (const file of [
        'index.json',
        'oci-layout',
        'media.json',
        'delta.json',
        'the layer',
        'the manifest',
      ])
        it(`as ${file} of a media is refused by name`, async () => {
          const name = file.startsWith('the ') ? blobOf(made, file) : file
          await instead(`media/${name}`, kind)
          await refused(['install', './media'], name, IN_FOLDER[kind])
        })

      for (const file of ['SHA256SUMS', 'index.html'])
        it(`as ${file} of a media is a problem of it`, async () => {
          await instead(`media/${file}`, kind)
          // Nobody looks for a page among folders; a list is asked for by its name.
          const isNone = kind === 'a folder' && file === 'index.html'
          const found = isNone ? /is missing/ : IN_FOLDER[kind]
          const { code } = await refused(['verify', './media'], file, found)
          expect(code).to.equal(4)
        })

      for (const file of archivesFor(kind))
        it(`that is named as the archive ${file} is refused`, async () => {
          await instead(file, kind)
          await refused(['install', `./${file}`], file, new RegExp(kind))
        })
    })
  }

  describeOnUnix('are told by every command that would read one', () => {
    const pipe = /a named pipe/
    const cases: [what: string, file: string, args: string[]][] = [
      ['verify of an archive', 'one.tar', ['verify', './one.tar']],
      ['inspect of an archive', 'one.tar', ['inspect', './one.tar']],
      ['inspect of a media', 'media/media.json', ['inspect', './media']],
      ['verify of a media', 'media/index.json', ['verify', './media']],
      ['find in a folder of archives', 'one.tar', ['find', '--source', './']],
      ['find in an index', 'index.json', ['find', '--source', './index.json']],
      ['install of a set with a volume that is none', 'set/big.vol2of3.tar', ['install', './set']],
      ['verify of a set with a volume that is none', 'set/big.vol2of3.tar', ['verify', './set']],
      ['install of a WIM with a part that is none', 'parts/big2.swm', ['install', './parts/big.swm']],
      ['install of a 7z with a part that is none', 'big.7z.002', ['install', './big.7z.001']],
      ['repair', 'set/other.par2', ['verify', './set', '--repair']],
      ['receipts on a media', 'media/receipts/r.jsonl', ['receipt', 'show', './media']],
      ['a log of receipts', 'r.jsonl', ['receipt', 'verify', './r.jsonl']],
      [
        'a base',
        'base.json',
        ['save', 'one', '--source', './media', '--base', './base.json', '--path', 'o.tar'],
      ],
      ['a store with such an index', 'media/index.json', ['inventory', '--store', './media']],
      ['a store with such a layout file', 'media/oci-layout', ['get', '--store', './media']],
      ['settings', 'settings/settings.json', ['config', 'list']],
      ['passwords', 'users', ['serve', '--auth', './users', '--listen', '127.0.0.1:0']],
      ['a log that nobody reads', 'log', ['serve', '--access-log', './log', '--listen', '127.0.0.1:0']],
      ['an authority', 'ca.pem', ['find', 'x', '--source', 'https://127.0.0.1:9', '--ca-file', './ca.pem']],
    ]
    for (const [what, file, args] of cases)
      it(what, async () => {
        await instead(file, 'a named pipe')
        const result = await runProgram(args, home)
        const text = result.out + result.err
        expect(result.code, text).not.to.equal(undefined)
        expect(text).to.contain(path.basename(file))
        expect(text).to.match(pipe)
        expect(text).not.to.match(/UNEXPECTED|node:internal/)
      })

    for (const verb of ['prune', 'inventory', 'verify'])
      it(`${verb} of a store with such a manifest`, async () => {
        const name = blobOf(made, 'the manifest')
        await instead(`media/${name}`, 'a named pipe')
        await refused([verb, '--store', './media'], name, pipe)
      })
  })

  describeOnUnix('on a media that is saved to', () => {
    const onto = ['save', './one.tar', '--format', 'media', '--path', './media', '--force']
    for (const file of ['index.json', 'oci-layout', 'delta.json'])
      it(`are refused before anything is written, as ${file}`, async () => {
        await instead(`media/${file}`, 'a named pipe')
        const before = readdirSync(path.join(home, 'media'), { recursive: true }).sort()
        await refused(onto, file, /a named pipe/)
        expect(readdirSync(path.join(home, 'media'), { recursive: true }).sort()).to.deep.equal(before)
      })

    for (const file of ['SHA256SUMS', 'index.html', 'media.json'])
      it(`give way to the new ${file}`, async () => {
        const place = await instead(`media/${file}`, 'a named pipe')
        const { code, err } = await runProgram(onto, home)
        expect(code, err).to.equal(0)
        expect(lstatSync(place).isFile()).to.equal(true)
        expect((await runProgram(['verify', './media'], home)).code).to.equal(0)
      })
  })
})

/** Files that are opened otherwise, and why that cannot wait. */
const OTHERWISE: Record<string, string> = {
  'provider/io/files/regular-file.ts': 'it is the one way',
  'provider/io/files/durable.ts': 'a folder, to be synced',
  'provider/io/files/kernel-place.ts': 'the kernel’s own account of itself',
  'provider/io/files/process-number.ts': 'the system’s own list of processes',
  'provider/program/kept-code.ts': 'never waits, and takes regular files alone',
  'provider/program/of-one-file.ts': 'the program itself',
  'provider/program/of-package.ts': 'the program itself',
  'provider/tool/carried-tool.ts': 'the program itself',
}

describe('every file that is read', () => {
  it('is opened in the way that never waits', () => {
    const reads = /\b(readFile|readFileSync|createReadStream)\(|\bopen(Sync)?\([^()]*, 'r'\)/
    const found = [...sourceFiles()].filter(
      ([file, text]) => file.startsWith('provider/') && reads.test(text),
    )
    expect(found.map(([file]) => file).filter((file) => !(file in OTHERWISE))).to.deep.equal([])
  })
})

describe('files without an end, or of a size that nobody needs', () => {
  const temporary = scratch()
  let made: string
  let home: string

  before(async () => {
    made = temporary.folder()
    await makeStick(made)
  })

  beforeEach(() => {
    home = temporary.folder()
    cpSync(made, home, { recursive: true })
  })

  after(() => temporary.remove())

  for (const verb of ['install', 'verify', 'inspect'])
    (isWindows ? it.skip : it)(`SHA256SUMS that leads to /dev/zero does not keep ${verb}`, async () => {
      rmSync(path.join(home, 'media/SHA256SUMS'))
      symlinkSync('/dev/zero', path.join(home, 'media/SHA256SUMS'))
      const { code, out, err } = await runProgram([verb, './media'], home)
      expect(code).to.equal(verb === 'verify' ? 4 : 0)
      if (verb !== 'inspect') expect(out + err).to.contain('SHA256SUMS is a link')
    })

  const tooLarge: [file: string, args: string[], code: number][] = [
    ['media/index.json', ['install', './media'], 4],
    ['media/oci-layout', ['verify', './media'], 4],
    ['media/media.json', ['install', './media'], 4],
    ['r.jsonl', ['receipt', 'show', './r.jsonl'], 4],
    ['index.json', ['find', '--source', './index.json'], 4],
    ['settings/settings.json', ['config', 'list'], 1],
    ['media/index.json', ['prune', '--store', './media'], 4],
  ]
  for (const [file, args, code] of tooLarge)
    it(`${file} of 5 GB is not read by ${args[0]}`, async () => {
      makeSparse(path.join(home, file))
      const result = await runProgram(args, home)
      const text = result.out + result.err
      expect(result.code, text).to.equal(code)
      expect(text).to.match(/too large/)
      expect(text).to.contain(path.basename(file))
    })

  for (const file of ['SHA256SUMS', 'index.html'])
    it(`${file} of 5 GB is a problem of a media, and replaced by the next save`, async () => {
      makeSparse(path.join(home, 'media', file))
      expect((await runProgram(['verify', './media'], home)).code).to.equal(4)
      const onto = ['save', './one.tar', '--format', 'media', '--path', './media', '--force']
      expect((await runProgram(onto, home)).code).to.equal(0)
      expect(statSync(path.join(home, 'media', file)).size).to.be.lessThan(1_000_000)
    })
})

/** A folder may be one that holds images. */
function archivesFor(kind: Kind): string[] {
  if (kind === 'a folder') return []
  return kind === 'a named pipe'
    ? ['one.tar', 'one.zip', 'one.wim', 'one.7z.001', 'one.vol1of2.tar']
    : ['one.tar', 'one.wim']
}

/** A stick with a media, an archive and a set of volumes with recovery files. */
async function makeStick(folder: string): Promise<void> {
  const [rootfs, large] = [path.join(folder, 'rootfs.tar'), path.join(folder, 'large.tar')]
  writeFileSync(rootfs, tarOf({ 'etc/os-release': 'ID=one\nVERSION_ID=1.0\n', 'usr/file': 200_000 }))
  writeFileSync(large, tarOf({ 'etc/os-release': 'ID=big\nVERSION_ID=1.0\n', 'usr/file': 2_500_000 }))
  const at = { platform: 'linux/amd64', store: path.join(folder, 'store') }
  await install({ ...at, targets: [rootfs], name: 'one', version: '1.0' })
  await install({ ...at, targets: [large], name: 'big', version: '1.0' })
  const one = { store: at.store, names: ['one'], source: at.store }
  mkdirSync(path.join(folder, 'media'))
  await save({ ...one, format: 'media', path: path.join(folder, 'media') })
  await save({ ...one, path: path.join(folder, 'one.tar') })
  const set = path.join(folder, 'set')
  mkdirSync(set)
  await save({ ...one, names: ['big'], path: set, volumeSize: 1_100_000 })
  mkdirSync(path.join(folder, 'parts'))
  const wim = { format: 'wim', wimCompress: 'none', splitSize: 1_000_000 } as const
  await save({ ...one, ...wim, names: ['big'], path: path.join(folder, 'parts/big.swm') })
  writeFileSync(path.join(folder, 'big.7z.001'), '7z')
  await inventory({ store: at.store, path: path.join(folder, 'base.json') })
  for (const used of [rootfs, large, at.store]) rmSync(used, { recursive: true })
}

/** The name of the largest or the first blob: the layer, or the manifest that the index names. */
function blobOf(stick: string, which: string): string {
  const folder = path.join(stick, 'media/blobs/sha256')
  const names = readdirSync(folder).sort((a, b) => sizeIn(folder, b) - sizeIn(folder, a))
  if (which === 'the layer') return `blobs/sha256/${names[0]}`
  const index = readFileSync(path.join(stick, 'media/index.json'), 'utf8')
  return `blobs/sha256/${names.find((name) => index.includes(name))}`
}

function sizeIn(folder: string, name: string): number {
  return statSync(path.join(folder, name)).size
}

/** A path for a socket is short, and it may be renamed. */
async function makeSocket(file: string): Promise<void> {
  const short = path.join('/tmp', `s${process.pid}-${Math.floor(performance.now() * 1000)}`)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(short, resolve))
  renameSync(short, file)
  await new Promise((resolve) => server.close(resolve))
}

function makeSparse(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true })
  rmSync(file, { force: true })
  writeFileSync(file, '{')
  truncateSync(file, 5_000_000_000)
}
