import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { mediaSign, save, verify } from '../../../provider/index.js'
import { parsePublicKey } from '../../../provider/trust/minisign/public-key.js'
import type { SecretKey } from '../../../provider/trust/minisign/secret-key.js'
import { writeSigned } from '../../../provider/trust/sign/sign-list.js'
import { judged } from '../../../provider/trust/signed/judged-signers.js'
import { signaturesOf } from '../../../provider/trust/signed/signature-files.js'
import { makeLayout } from '../../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { type Keys, secretOf, trustingHost } from './site.js'

const OLD = Buffer.from('what it was\n')
const NEW = Buffer.from('what it is now\n')
const NEWER = Buffer.from('what it will be\n')

describeWithPeers(['minisign'], 'what is signed anew', () => {
  const host = trustingHost()
  let plant: Keys
  let other: Keys
  let secrets: SecretKey[]
  let folder: string

  beforeEach(async () => {
    host.begin()
    plant = await host.keys('plant')
    other = await host.keys('other')
    secrets = [await secretOf(plant), await secretOf(other)]
    folder = host.folder()
  })
  afterEach(() => host.end())

  const put = (file: string, bytes: Buffer, keys = secrets, write = async () => writeFileSync(file, bytes)) =>
    writeSigned(file, bytes, keys, { said: { images: [] } }, write)

  /** Who signed it, and in which files, for somebody who trusts both. */
  async function signers(file: string): Promise<string[]> {
    const trusted = [plant, other].map((keys) => ({
      ...parsePublicKey(readFileSync(keys.public), 'key'),
      name: path.basename(keys.public, '.pub'),
      patterns: [],
    }))
    const found = judged(await signaturesOf(file), readFileSync(file), trusted)
    return found.map(({ signer, verdict }) => `${signer} ${verdict}`).sort()
  }
  const BOTH = ['other valid', 'plant valid']
  const minisign = (file: string, { public: key }: Keys, signature: string) =>
    runPeer('minisign', ['-V', '-p', key, '-m', file, '-x', signature])

  for (const name of ['receipts.jsonl', 'plant-7.json', 'SHA256SUMS', 'debian.tar.sha256'])
    it(`is signed at every moment, as it was or as it is: ${name}`, async () => {
      const file = path.join(folder, name)
      await put(file, OLD)
      const usual = readdirSync(folder).sort()
      expect(usual).to.deep.equal([name, `${name}.${other.id}.minisig`, `${name}.minisig`].sort())
      const next = `${file}.${plant.id}.next.minisig`
      await put(file, NEW, secrets, async () => {
        expect(await signers(file)).to.deep.equal(BOTH)
        minisign(file, plant, `${file}.minisig`)
        writeFileSync(file, NEW)
        expect(await signers(file)).to.deep.equal(BOTH)
        minisign(file, plant, next)
      })
      expect(await signers(file)).to.deep.equal(BOTH)
      expect(readdirSync(folder).sort()).to.deep.equal(usual)
      runPeer('minisign', ['-V', '-p', plant.public, '-m', file])
      minisign(file, other, `${file}.${other.id}.minisig`)
    })

  it('is signed by those who did before, where the writer is killed before or after it wrote', async () => {
    const file = path.join(folder, 'inventory.json')
    await put(file, OLD)
    const usual = readdirSync(folder).sort()
    const killed = async (last: Buffer): Promise<void> => {
      const error = await put(file, last, secrets, async () => {
        writeFileSync(file, last)
        throw new Error('killed')
      }).catch((reason) => reason)
      expect(error.message).to.equal('killed')
      expect(await signers(file)).to.deep.equal(BOTH)
      expect(readdirSync(folder)).to.include(`inventory.json.${plant.id}.next.minisig`)
    }
    await killed(NEW)
    // The next one, too, is signed while the signature that fits waits for its usual name.
    await put(file, NEWER, secrets, async () => {
      expect(await signers(file)).to.deep.equal(BOTH)
      runPeer('minisign', ['-V', '-p', plant.public, '-m', file])
      writeFileSync(file, NEWER)
    })
    expect(readdirSync(folder).sort()).to.deep.equal(usual)
    await killed(OLD)
    // The same once more finds the file written, and gives the signatures their names.
    await put(file, OLD)
    expect(readdirSync(folder).sort()).to.deep.equal(usual)
    expect(await signers(file)).to.deep.equal(BOTH)
  })

  it('stays as it was, with nothing beside it, where it cannot be written', async () => {
    const full = async (): Promise<void> => {
      throw new Error('ENOSPC')
    }
    const file = path.join(folder, 'receipts.jsonl')
    await put(file, NEW, secrets, full).catch(() => {})
    expect(readdirSync(folder)).to.deep.equal([])
    writeFileSync(file, OLD)
    await put(file, NEW, secrets, full).catch(() => {})
    expect(readdirSync(folder)).to.deep.equal(['receipts.jsonl'])
    await put(file, OLD)
    const before = readdirSync(folder)
    await put(file, NEW, secrets, full).catch(() => {})
    expect(readdirSync(folder)).to.deep.equal(before)
    expect(await signers(file)).to.deep.equal(BOTH)
  })

  it('is there after its signatures where it is new, and unsigned until it is written where it was', async () => {
    const file = path.join(folder, 'SHA256SUMS')
    await put(file, OLD, secrets, async () => {
      writeFileSync(file, OLD)
      expect(await signers(file)).to.deep.equal(BOTH)
      runPeer('minisign', ['-V', '-p', plant.public, '-m', file])
    })
    const plain = path.join(folder, 'plain.json')
    writeFileSync(plain, OLD)
    await put(plain, NEW, secrets, async () => {
      expect(await signers(plain)).to.deep.equal([])
      writeFileSync(plain, NEW)
      expect(await signers(plain)).to.deep.equal(BOTH)
    })
  })

  it('counts by its usual name for those who do not trust the key', async () => {
    const file = path.join(folder, 'receipts.jsonl')
    await put(file, OLD)
    await put(file, NEW, secrets, async () => {
      const found = judged(await signaturesOf(file), readFileSync(file), [])
      expect(found.map(({ verdict, file: name }) => `${verdict} ${name}`).sort()).to.deep.equal(
        [`unknown receipts.jsonl.${other.id}.minisig`, 'unknown receipts.jsonl.minisig'].sort(),
      )
      writeFileSync(file, NEW)
    })
  })

  it('is a media like any other where its writer was killed, and signing it leaves the usual names', async () => {
    const layout = path.join(folder, 'layout')
    makeLayout(layout, [{ refName: 'debian:12.5', layers: [{ files: { 'etc/name': 'debian' } }] }])
    const media = path.join(folder, 'usb')
    const store = path.join(folder, 'store')
    await save({ names: [layout], path: media, format: 'media', force: true, sign: [plant.secret], store })
    const list = path.join(media, 'SHA256SUMS')
    const bytes = readFileSync(list)
    const [signature] = [readFileSync(`${list}.minisig`)]
    writeFileSync(`${list}.${plant.id}.next.minisig`, signature)
    writeFileSync(list, OLD)
    await put(list, OLD, [secrets[0] as SecretKey])
    writeFileSync(`${list}.${plant.id}.next.minisig`, signature)
    writeFileSync(list, bytes)
    expect(await host.taken(media, [plant])).to.equal('taken')
    expect((await verify({ paths: [media], signedBy: [plant.public] })).problems).to.deep.equal([])
    await mediaSign({ path: media, sign: [plant.secret] })
    expect(readdirSync(media).filter((name) => name.endsWith('.minisig'))).to.deep.equal([
      'SHA256SUMS.minisig',
    ])
    runPeer('minisign', ['-V', '-p', plant.public, '-m', list])
  })
})
