import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  files,
  get,
  history,
  inspect,
  install,
  packages,
  save,
  serve,
  unpack,
  verify,
} from '../../../provider/index.js'
import { restoreEnvironment } from '../../environment.js'
import { makeLayout } from '../../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'
import { filesIn } from '../verbs/on-disk.js'
import { type MadeKey, makeKey } from './made-keys.js'

const MARK = 'etc/a-name-that-nobody-else-has'

describe('encrypted saves', () => {
  const temporary = scratch()
  let layout: string
  let stick: string
  let store: string
  let key: MadeKey
  let identity: string[]
  const environment = { ...process.env }
  before(() => {
    layout = path.join(temporary.folder(), 'layout')
    makeLayout(layout, [
      {
        refName: 'demo:1',
        layers: [{ files: { [MARK]: 'text' }, compression: 'none' }, { files: { large: 3_000_000 } }],
      },
    ])
  })
  beforeEach(async () => {
    stick = temporary.folder()
    store = path.join(temporary.folder(), 'store')
    process.env.XDG_DATA_HOME = temporary.folder()
    key = await makeKey(temporary.folder())
    identity = [key.file]
  })
  afterEach(() => restoreEnvironment(environment))
  after(() => temporary.remove())

  const saved = (more: object = {}) =>
    save({ names: [layout], path: stick, store, encryptTo: [key.recipient], ...more })
  const names = (): string[] => readdirSync(stick).sort()
  const left = (): string[] => {
    const ingest = path.join(store, 'ingest')
    return existsSync(ingest) ? readdirSync(ingest) : []
  }
  const installed = async (): Promise<string[]> =>
    (await get({ store })).map(({ repository, tag }) => `${repository}:${tag}`)

  for (const ending of ['tar', 'zip'])
    it(`are one file for a ${ending}, in which nothing can be read, and which install opens`, async () => {
      const { files, encryptedTo, images } = await saved({ path: path.join(stick, `demo.${ending}`) })
      expect(names()).to.deep.equal([`demo.${ending}.age`])
      expect(encryptedTo).to.deep.equal([key.recipient])
      expect(images[0]).to.include({ name: 'demo', version: '1' })
      const [file = ''] = files.map((one) => one.path)
      expect(filesIn(stick)).to.deep.equal({ [`demo.${ending}.age`]: `sha256:${files[0]?.sha256}` })
      expect(readFileSync(file).includes(MARK)).to.equal(false)
      expect(left()).to.deep.equal([])
      await install({ targets: [file], store, identity })
      expect(await installed()).to.deep.equal(['demo:1', 'demo:latest'])
      expect(left()).to.deep.equal([])
    })

  it('are opened by every verb that opens files, and a folder stands for what is in it', async () => {
    await saved()
    const file = path.join(stick, 'demo-1.tar.age')
    const name = file
    const given = { store, identity }
    expect((await verify({ paths: [file], ...given })).ok).to.equal(true)
    expect((await verify({ paths: [stick], ...given })).ok).to.equal(true)
    expect((await inspect({ names: [file], ...given })).length).to.equal(1)
    expect((await history({ name, ...given })).length).to.be.greaterThan(0)
    expect(JSON.stringify(await files({ name, ...given }))).to.contain(MARK)
    await packages({ name, ...given })
    const root = path.join(temporary.folder(), 'root')
    await unpack({ name, folder: root, ...given })
    expect(readFileSync(path.join(root, MARK), 'utf8')).to.equal('text')
    const again = temporary.folder()
    await save({ names: [file], path: again, ...given })
    expect(readdirSync(again)).to.deep.equal(['demo-1.tar'])
    await serve({ path: file, ...given, whatIf: true })
    await install({ targets: [stick], ...given })
    expect(await installed()).to.include('demo:1')
    expect(left()).to.deep.equal([])
  })

  it('are told by the name of the file, not by that of the copy', async () => {
    await saved()
    const file = path.join(stick, 'demo-1.tar.age')
    const broken = path.join(stick, 'broken.tar')
    writeFileSync(broken, Buffer.alloc(5000, 7))
    await saved({ names: [layout], path: path.join(stick, 'other.tar') })
    const result = await verify({ paths: [file, broken], store, identity })
    expect(JSON.stringify(result)).not.to.contain('unpacked-')
  })

  it('are refused by name without an identity, and with that of others', async () => {
    await saved()
    const file = path.join(stick, 'demo-1.tar.age')
    const other = await makeKey(temporary.folder())
    const none = await failure(install({ targets: [file], store }), 'ENCRYPTED')
    expect(none.expected).to.contain('X25519')
    expect(none.found).to.equal('no identity')
    await failure(install({ targets: [stick], store }), 'ENCRYPTED')
    await failure(install({ targets: [file], store, identity: [other.file] }), 'ENCRYPTED')
    await failure(save({ names: [layout], path: stick, base: [file], store, force: true }), 'ENCRYPTED')
    expect(await installed()).to.deep.equal([])
    expect(left()).to.deep.equal([])
  })

  it('are refused where they were changed or cut, and nothing is installed', async () => {
    await saved()
    const file = path.join(stick, 'demo-1.tar.age')
    const whole = readFileSync(file)
    for (const bytes of [whole.subarray(0, 2_000_000), Buffer.concat([whole, Buffer.from('x')])]) {
      writeFileSync(file, bytes)
      const error = await failure(install({ targets: [file], store, identity }), 'DECRYPTION_FAILED')
      expect(error.message).to.contain(file)
    }
    expect(await installed()).to.deep.equal([])
    expect(left()).to.deep.equal([])
  })

  it('leave the stick alone with whatIf, and say what would be encrypted to whom', async () => {
    const { files, encryptedTo } = await saved({ whatIf: true })
    expect(files.map((file) => file.path)).to.deep.equal([path.join(stick, 'demo-1.tar.age')])
    expect(encryptedTo).to.deep.equal([key.recipient])
    expect(names()).to.deep.equal([])
  })

  it('are not overwritten without force, as nobody can see what is in them', async () => {
    const file = path.join(stick, 'demo-1.tar.age')
    writeFileSync(file, 'age-encryption.org/v1\n')
    const before = filesIn(stick)
    await failure(saved(), 'FILE_EXISTS')
    expect(filesIn(stick)).to.deep.equal(before)
    await saved({ force: true })
    expect(filesIn(stick)).not.to.deep.equal(before)
    expect(names()).to.deep.equal(['demo-1.tar.age'])
  })

  it('go on with the volume that is missing: those that this user made of the same bytes stay', async () => {
    await saved({ volumeSize: 1_200_000 })
    const before = filesIn(stick)
    const third = path.join(stick, 'demo-1.vol3of3.tar.age')
    rmSync(third)
    await saved({ volumeSize: 1_200_000 })
    const after = filesIn(stick)
    const changed = Object.keys(before).filter((name) => before[name] !== after[name])
    expect(changed).to.deep.equal(['demo-1.vol3of3.tar.age'])
    const other = await makeKey(temporary.folder())
    await failure(saved({ volumeSize: 1_200_000, encryptTo: [other.recipient] }), 'FILE_EXISTS')
    writeFileSync(third, readFileSync(third).fill(0, 500_000, 500_010))
    await failure(saved({ volumeSize: 1_200_000 }), 'FILE_EXISTS')
  })

  it('are no media, and have nothing beside them that can be read', async () => {
    for (const more of [{ format: 'media' }, { sbom: true }, { withTool: true }, { withDatabase: true }])
      await failure(saved(more), 'USAGE')
    expect(names()).to.deep.equal([])
    await failure(saved({ path: path.join(stick, 'no', 'folder.tar') }), 'PATH_NOT_FOUND')
  })

  it('are written to stdout as well', async () => {
    const chunks: Uint8Array[] = []
    const stdout = async (bytes: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of bytes) chunks.push(Uint8Array.from(chunk))
    }
    await saved({ path: '-', stdout })
    const file = path.join(stick, 'piped')
    writeFileSync(file, Buffer.concat(chunks))
    await install({ targets: [file], store, identity })
    expect(await installed()).to.include('demo:1')
  })

  it('of volumes are a file each: one that is lost or damaged keeps no other from being taken', async () => {
    await saved({ volumeSize: 1_200_000 })
    expect(names()).to.deep.equal([1, 2, 3].map((number) => `demo-1.vol${number}of3.tar.age`))
    const second = path.join(stick, 'demo-1.vol2of3.tar.age')
    const whole = readFileSync(second)
    writeFileSync(second, whole.subarray(0, 700_000))
    const first = path.join(stick, 'demo-1.vol1of3.tar.age')
    const error = await failure(install({ targets: [first], store, identity }), 'VOLUME_MISSING')
    expect(error.message).to.contain('demo-1.vol2of3.tar')
    for (const name of names()) rmSync(path.join(stick, name))
    writeFileSync(second, whole)
    await install({ targets: [second], store, identity })
    expect(await installed()).to.include('demo:1')
    expect(left()).to.deep.equal([])
  })

  it('have recovery files of the encrypted bytes, which repair without an identity', async () => {
    await saved({ volumeSize: 1_200_000, recovery: 0.2 })
    const second = path.join(stick, 'demo-1.vol2of3.tar.age')
    const whole = readFileSync(second)
    const changed = Buffer.from(whole)
    changed.fill(0, 500_000, 500_200)
    writeFileSync(second, changed)
    const { repaired, ok } = await verify({ paths: [stick], repair: true, store, identity })
    expect([repaired, ok]).to.deep.equal([[second], true])
    expect(readFileSync(second).equals(whole)).to.equal(true)
  })

  describeWithPeers(['age'], 'beside age itself', () => {
    it('are opened by age, and what age encrypted is installed', async () => {
      await saved()
      const plain = path.join(stick, 'demo-1.tar')
      runPeer('age', ['--decrypt', '-i', key.file, '-o', plain, path.join(stick, 'demo-1.tar.age')])
      expect((await verify({ paths: [plain], store })).ok).to.equal(true)
      const own = path.join(stick, 'whatever.bin')
      runPeer('age', ['-r', key.recipient, '-o', own, plain])
      await install({ targets: [own], store, identity })
      expect(await installed()).to.include('demo:1')
    })
  })
})
