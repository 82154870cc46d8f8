import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import type { ErrorCode } from '../../../manifests/index.js'
import {
  install,
  inventory,
  mediaStatus,
  type ProgressEvent,
  readReceipts,
  save,
  trustAdd,
  verify,
} from '../../../provider/index.js'
import { signBytes } from '../../../provider/trust/minisign/signature.js'
import { makeLayout } from '../../fixtures/layout.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { failure } from '../verbs/failure.js'
import { filesIn } from '../verbs/on-disk.js'
import { flip, type Keys, secretOf, trustingHost } from './site.js'

describeWithPeers(['minisign'], 'receipts that are signed', () => {
  const host = trustingHost()
  let plant: Keys
  let other: Keys
  let layout: string
  let store: string
  let inbox: string

  // What was seen of a key is kept: each test has a host of its own.
  beforeEach(async () => {
    host.begin()
    plant = await host.keys('plant')
    other = await host.keys('other')
    const folder = host.folder()
    layout = path.join(folder, 'layout')
    store = path.join(folder, 'store')
    inbox = path.join(folder, 'inbox')
    mkdirSync(inbox)
    makeLayout(layout, [{ refName: 'debian:12.5', layers: [{ files: { 'etc/name': 'debian' } }] }])
  })
  afterEach(() => host.end())

  /** Installs, and brings a receipt to the inbox; a second later than the one before. */
  async function installed(sign: Keys[] = [plant], receipt = inbox): Promise<string> {
    process.env.SOURCE_DATE_EPOCH = String(Number(process.env.SOURCE_DATE_EPOCH) + 1)
    const result = await install({
      targets: [layout],
      store,
      receipt,
      sign: sign.map(({ secret }) => secret),
    })
    expect(result.signatures?.map(({ keyId }) => keyId) ?? []).to.deep.equal(sign.map(({ id }) => id))
    return result.receipt ?? ''
  }

  const read = (file: string, keys = [plant]) =>
    readReceipts({ paths: [file], signedBy: keys.map((key) => key.public) })

  it('by several keys are checked by minisign, with what was installed in the comment', async () => {
    const file = await installed([plant, other])
    const told = runPeer('minisign', ['-V', '-p', plant.public, '-m', file])
    runPeer('minisign', ['-V', '-p', other.public, '-m', file, '-x', `${file}.${other.id}.minisig`])
    expect(told).to.contain('sequence:1700000001').and.to.contain('images:debian:12.5')
    const [log] = await readReceipts({ paths: [file], signedBy: [plant.public], requireSignatures: 1 })
    expect(log?.signers.map(({ verdict }) => verdict)).to.have.members(['valid', 'unknown'])
    await failure(
      readReceipts({ paths: [file], signedBy: [plant.public], requireSignatures: 2 }),
      'SIGNATURE_UNTRUSTED',
    )
  })

  it('by minisign itself count as well, also where it signed them the old way', async () => {
    const file = await installed([])
    for (const how of [[], ['-l']]) {
      runPeer('minisign', ['-S', ...how, '-s', plant.secret, '-m', file])
      expect((await read(file))[0]?.receipts).to.have.length(1)
    }
  })

  it('are refused by name where they are unsigned, foreign or altered, by all who count on them', async () => {
    const file = await installed()
    const signature = `${file}.minisig`
    const sent = path.join(host.folder(), 'sent')
    await save({ names: [layout], path: sent, format: 'media', force: true, store })
    const stick = path.join(host.folder(), 'next')
    const takers = [
      () => read(file),
      () => mediaStatus({ path: sent, receipts: [inbox], signedBy: [plant.public] }),
      // The own store is not asked who signed it.
      () => save({ names: [store], path: stick, base: [file], force: true, store, signedBy: [plant.public] }),
    ]
    const refusedBy = async (code: ErrorCode): Promise<void> => {
      for (const take of takers) await failure(take(), code)
      expect(existsSync(stick)).to.equal(false)
    }
    const good = readFileSync(signature)
    rmSync(signature)
    await refusedBy('SIGNATURE_MISSING')
    writeFileSync(signature, signBytes(await secretOf(other), readFileSync(file), 'sequence:9'))
    await refusedBy('SIGNATURE_UNTRUSTED')
    const spoofed = { ...(await secretOf(other)), id: plant.id }
    writeFileSync(signature, signBytes(spoofed, readFileSync(file), 'sequence:9'))
    await refusedBy('SIGNATURE_INVALID')
    writeFileSync(signature, good)
    flip(file, 40)
    await refusedBy('SIGNATURE_INVALID')
    flip(file, 40)
    for (const take of takers.slice(0, 2)) await take()
    await takers[2]?.()
    expect(readdirSync(stick)).to.have.length(1)
  })

  it('are refused where what came back is older than what was seen, and not beside what is newer', async () => {
    const old = host.folder()
    const file = await installed()
    for (const name of readdirSync(inbox)) copyFileSync(path.join(inbox, name), path.join(old, name))
    await installed()
    const before = path.join(old, path.basename(file))
    expect((await read(before))[0]?.receipts).to.have.length(1)
    expect((await read(file))[0]?.receipts).to.have.length(2)
    const error = await failure(read(before), 'SIGNATURE_OLDER')
    expect(error.message).to.contain(path.basename(file))
    const both = { paths: [before, file], signedBy: [plant.public] }
    expect(await readReceipts(both)).to.have.length(2)
    // What the same key has signed of images is another matter.
    expect(
      readFileSync(
        path.join(process.env.XDG_DATA_HOME ?? '', 'containerimage', 'trust', 'seen.json'),
        'utf8',
      ),
    ).not.to.contain('"debian"')
  })

  it('are asked for where a key is trusted, and it may speak of their images; never of the own store', async () => {
    const file = await installed()
    expect((await readReceipts({ paths: [file] }))[0]?.signers[0]?.verdict).to.equal('unknown')
    await trustAdd({ key: other.public, name: 'other' })
    await failure(readReceipts({ paths: [file] }), 'SIGNATURE_UNTRUSTED')
    await trustAdd({ key: plant.public, name: 'plant', patterns: ['nginx*'] })
    await failure(readReceipts({ paths: [file] }), 'SIGNATURE_UNTRUSTED')
    expect(await readReceipts({ store })).to.have.length(1)
  })

  it('that lie on a media are not of it, and it can be verified', async () => {
    const media = path.join(host.folder(), 'usb')
    await save({ names: [layout], path: media, format: 'media', force: true, sign: [other.secret], store })
    await installed([plant, other], media)
    expect(readdirSync(path.join(media, 'receipts'))).to.have.length(3)
    expect((await verify({ paths: [media], signedBy: [other.public] })).problems).to.deep.equal([])
    expect(await host.taken(media, [other])).to.equal('taken')
    const { hosts } = await mediaStatus({ path: media, signedBy: [plant.public] })
    expect(hosts[0]?.images[0]?.state).to.equal('delivered')
  })

  it('tell of signatures that are of an earlier file', async () => {
    await installed([plant, other])
    const notes: string[] = []
    await install({
      targets: [layout],
      store,
      receipt: inbox,
      sign: [plant.secret],
      onProgress: (event: ProgressEvent) => event.type === 'note' && notes.push(event.message),
    })
    expect(notes.join('\n')).to.contain(`${other.id}.minisig`).and.not.to.contain('jsonl.minisig')
  })

  it('miss a wrong key or a missing place before anything is installed', async () => {
    const sign = [plant.secret]
    await failure(install({ targets: [layout], store, sign }), 'USAGE')
    const wrong = { targets: [layout], store, receipt: inbox, sign: [plant.public] }
    await failure(install(wrong), 'KEY_INVALID')
    expect(existsSync(store)).to.equal(false)
    expect(filesIn(inbox)).to.deep.equal({})
  })

  it('have an inventory as their like, which is signed and asked for the same way', async () => {
    await install({ targets: [layout], store })
    const file = path.join(inbox, 'plant-7.json')
    await inventory({ store, path: file, sign: [plant.secret] })
    runPeer('minisign', ['-V', '-p', plant.public, '-m', file])
    const next = (keys: Keys[]) =>
      save({
        names: [store],
        path: path.join(host.folder(), 'a.tar'),
        base: [file],
        store,
        signedBy: keys.map((key) => key.public),
      })
    await failure(next([other]), 'SIGNATURE_UNTRUSTED')
    expect((await next([plant])).files).to.have.length(1)
    await failure(inventory({ store, sign: [plant.secret] }), 'USAGE')
    // A log cannot be put in the place of what needs no signature.
    const log = path.join(inbox, 'plant-7.jsonl')
    copyFileSync(file, log)
    await failure(save({ names: [layout], path: inbox, base: [log], store }), 'RECEIPT_INVALID')
  })
})
