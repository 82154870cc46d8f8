import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { inspect, install, mediaSign, save, verify } from '../../../provider/index.js'
import { signBytes } from '../../../provider/trust/minisign/signature.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { makeKey } from '../encryption/made-keys.js'
import { failure } from '../verbs/failure.js'
import { flip, type Keys, saved, secretOf, trustingHost } from './site.js'

describeWithPeers(['minisign', 'sha256sum'], 'what is saved and signed', () => {
  const host = trustingHost()
  let build: Keys
  let lab: Keys

  // What was seen of a key is kept: each test has a host of its own.
  beforeEach(async () => {
    host.begin()
    build = await host.keys('build')
    lab = await host.keys('lab')
  })
  afterEach(() => host.end())

  /** As the page of the media and docs/trust.md say. */
  function checkByHand(list: string, keys: Keys[]): string {
    const told = keys.map((key, at) => {
      const signature = at === 0 ? `${list}.minisig` : `${list}.${key.id}.minisig`
      return runPeer('minisign', ['-V', '-p', key.public, '-m', list, '-x', signature])
    })
    const sums = readFileSync(list, 'utf8').replaceAll(/^(\S+ {2})/gm, `$1${path.dirname(list)}/`)
    runPeer('sha256sum', ['-c', '--strict', '-'], { input: Buffer.from(sums) })
    return told[0] ?? ''
  }

  it('is a media, by several keys, that minisign and sha256sum check by hand', async () => {
    const sign = [build.secret, lab.secret]
    const at = await saved(host.folder(), ['debian:12.5', 'nginx:1.27'], {
      path: path.join(host.folder(), 'usb'),
      format: 'media',
      sign,
    })
    const told = checkByHand(path.join(at, 'SHA256SUMS'), [build, lab])
    expect(told).to.contain('sequence:1700000000').and.to.contain('images:debian:12.5,nginx:1.27')
    expect(await host.taken(at, [build, lab], 2)).to.equal('taken')
    expect((await verify({ paths: [at] })).ok).to.equal(true)
  })

  for (const name of ['oci.tar', 'docker.tar', 'packed.zip', 'packed.7z'])
    it(`is a file ${name}, with its list beside it`, async () => {
      const file = await saved(host.folder(), ['debian:12.5'], {
        path: path.join(host.folder(), name),
        ...(name.startsWith('docker') ? { format: 'docker-archive' as const } : {}),
        sign: [build.secret],
      })
      checkByHand(`${file}.sha256`, [build])
      expect(await host.taken(file, [build])).to.equal('taken')
      expect(await host.taken(file, [lab])).to.equal('SIGNATURE_UNTRUSTED')
      const { ok, signers } = await verify({ paths: [file], signedBy: [build.public] })
      expect(ok).to.equal(true)
      expect(signers?.[0]?.signers[0]).to.include({ verdict: 'valid', signer: 'build.pub' })
    })

  it('is a set of volumes, with one list for all', async () => {
    const folder = host.folder()
    const request = { path: path.join(folder, 'set.tar'), volumeSize: 2_000_000, sign: [build.secret] }
    await saved(host.folder(), ['debian:12.5'], request, 5_000_000)
    checkByHand(path.join(folder, 'set.sha256'), [build])
    const [first = ''] = readdirSync(folder).filter((name) => name.endsWith('.tar'))
    expect(await host.taken(folder, [build])).to.equal('taken')
    expect(await host.taken(path.join(folder, first), [build])).to.equal('taken')
    expect(await host.taken(folder, [lab])).to.equal('SIGNATURE_UNTRUSTED')
    expect((await verify({ paths: [folder], signedBy: [build.public] })).ok).to.equal(true)
  })

  it('is a set of volumes on several sticks, each with the list', async () => {
    const [folder, first, second] = [host.folder(), host.folder(), host.folder()]
    const request = { path: path.join(folder, 'set.tar'), volumeSize: 2_000_000, sign: [build.secret] }
    await saved(host.folder(), ['debian:12.5'], request, 5_000_000)
    for (const name of readdirSync(folder))
      for (const [stick, isHere] of [
        [first, name.includes('.vol1of')],
        [second, !name.includes('.vol1of')],
      ] as const)
        if (isHere || name.includes('.sha256')) copyFileSync(path.join(folder, name), path.join(stick, name))
    const taken = (signedBy: Keys) =>
      install({
        targets: [first],
        nextVolume: async () => second,
        store: path.join(host.folder(), 'store'),
        signedBy: [signedBy.public],
      })
    await failure(taken(lab), 'SIGNATURE_UNTRUSTED')
    expect((await taken(build)).images).to.have.length(1)
  })

  it('is encrypted after that, and opened before', async () => {
    const keys = await makeKey(host.folder())
    const folder = host.folder()
    const request = { path: path.join(folder, 'a.tar'), sign: [build.secret], encryptTo: [keys.recipient] }
    await saved(host.folder(), ['debian:12.5'], request)
    for (const target of [folder, path.join(folder, 'a.tar.age')]) {
      const take = (signedBy: Keys) =>
        install({
          targets: [target],
          store: path.join(host.folder(), 'store'),
          signedBy: [signedBy.public],
          identity: [keys.file],
        })
      await failure(take(lab), 'SIGNATURE_UNTRUSTED')
      expect((await take(build)).images).to.have.length(1)
    }
  })

  it('is what lies beside an archive, too', async () => {
    const folder = host.folder()
    await saved(host.folder(), ['debian:12.5'], {
      path: path.join(folder, 'debian.tar'),
      recovery: 0.1,
      sbom: true,
      sign: [build.secret],
    })
    const list = readFileSync(path.join(folder, 'debian.tar.sha256'), 'utf8')
    expect(list).to.contain('debian.par2').and.to.contain('.cdx.json')
    checkByHand(path.join(folder, 'debian.tar.sha256'), [build])
  })

  it('is refused as an archive that was renamed, altered, or has the list of another', async () => {
    const [one, other] = await Promise.all(
      ['debian:12.5', 'nginx:1.27'].map(async (name) =>
        saved(host.folder(), [name], { path: path.join(host.folder(), 'a.tar'), sign: [build.secret] }),
      ),
    )
    if (!one || !other) throw new Error('not saved')
    const moved = path.join(path.dirname(one), 'b.tar')
    for (const ending of ['', '.sha256', '.sha256.minisig']) copyFileSync(one + ending, moved + ending)
    expect(await host.taken(moved, [build])).to.equal('FILE_EXTRA')
    copyFileSync(other, one)
    expect(await host.taken(one, [build])).to.equal('FILE_CHANGED')
    flip(`${one}.sha256`, 3)
    expect(await host.taken(one, [build])).to.equal('SIGNATURE_INVALID')
  })

  it('is no reason to take an unsigned archive in the same folder', async () => {
    const folder = host.folder()
    await saved(host.folder(), ['debian:12.5'], { path: path.join(folder, 'a.tar'), sign: [build.secret] })
    await saved(host.folder(), ['nginx:1.27'], { path: path.join(folder, 'b.tar') })
    expect(await host.taken(folder, [build])).to.equal('SIGNATURE_MISSING')
  })

  it('is taken where minisign itself has signed it', async () => {
    const file = await saved(host.folder(), ['debian:12.5'], { path: path.join(host.folder(), 'a.tar') })
    const sum = runPeer('sha256sum', [file]).slice(0, 64)
    for (const how of [[], ['-l']]) {
      writeFileSync(`${file}.sha256`, `${sum}  a.tar\n`)
      runPeer('minisign', ['-S', ...how, '-s', build.secret, '-m', `${file}.sha256`])
      expect(await host.taken(file, [build])).to.equal('taken')
    }
    flip(file, 1)
    expect(await host.taken(file, [build])).to.equal('FILE_CHANGED')
  })

  it('is signed anew with what is added, and tells of signatures that are not', async () => {
    const request = { path: path.join(host.folder(), 'usb'), format: 'media' as const }
    await saved(host.folder(), ['debian:12.5'], { ...request, sign: [build.secret, lab.secret] })
    const notes: string[] = []
    await saved(host.folder(), ['nginx:1.27'], {
      ...request,
      sign: [build.secret],
      onProgress: (event) => {
        if (event.type === 'note') notes.push(event.message)
      },
    })
    expect(notes.join('\n')).to.contain(`To be made again`).and.to.contain(`SHA256SUMS.${lab.id}.minisig`)
    expect(notes.join('\n')).not.to.contain('SHA256SUMS.minisig')
    expect(await host.taken(request.path, [build])).to.equal('taken')
    const { signatures: made } = await mediaSign({ path: request.path, sign: [lab.secret] })
    expect(made.map(({ keyId }) => keyId)).to.deep.equal([lab.id])
    expect(await host.taken(request.path, [build, lab], 2)).to.equal('taken')
  })

  it('is not a media on which something else lies than its list says', async () => {
    const at = await saved(host.folder(), ['debian:12.5'], {
      path: path.join(host.folder(), 'usb'),
      format: 'media',
    })
    writeFileSync(path.join(at, 'setup.exe'), 'MZ')
    await failure(mediaSign({ path: at, sign: [build.secret] }), 'FILE_EXTRA')
    expect(existsSync(path.join(at, 'SHA256SUMS.minisig'))).to.equal(false)
    await failure(mediaSign({ path: host.folder(), sign: [build.secret] }), 'LAYOUT_INVALID')
  })

  it('is a media where a stopped run has left a draft of a signature, on whatever host', async () => {
    const at = await saved(host.folder(), ['debian:12.5'], {
      path: path.join(host.folder(), 'usb'),
      format: 'media',
    })
    const draft = '.SHA256SUMS.minisig.0123abcd-1.00000000-0000-4000-8000-000000000000.new'
    writeFileSync(path.join(at, draft), 'half of a signature')
    await mediaSign({ path: at, sign: [build.secret] })
    expect(readdirSync(at)).to.include('SHA256SUMS.minisig').and.not.to.include(draft)
  })

  it('has the same signature for the same content and time', async () => {
    const make = async (): Promise<string> => {
      const layout = path.join(folder, 'layout')
      const request = { path: path.join(host.folder(), 'a.tar'), names: [layout], sign: [build.secret] }
      await save({ ...request, store: path.join(folder, 'preparer') })
      return readFileSync(`${request.path}.sha256.minisig`, 'utf8')
    }
    const folder = host.folder()
    await saved(folder, ['debian:12.5'], { path: path.join(host.folder(), 'first.tar') })
    expect(await make()).to.equal(await make())
  })

  it('shows who has signed it, whatever a signer writes', async () => {
    const at = await saved(host.folder(), ['debian:12.5'], {
      path: path.join(host.folder(), 'usb'),
      format: 'media',
      sign: [lab.secret],
    })
    const list = path.join(at, 'SHA256SUMS')
    const evil = signBytes(await secretOf(build), readFileSync(list), 'x\u001b[2J\u202e\tsequence:5')
    writeFileSync(`${list}.${build.id}.minisig`, evil)
    const { signers } = await verify({ paths: [at], signedBy: [build.public] })
    const [own, unknown] = [...(signers?.[0]?.signers ?? [])]
    expect(own).to.include({ verdict: 'valid', sequence: 5, comment: 'x?[2J? sequence:5' })
    expect(unknown).to.include({ verdict: 'unknown', keyId: lab.id })
    const [image] = await inspect({ names: [at] })
    expect(image && 'signers' in image ? image.signers?.length : 0).to.equal(2)
    const { ok, problems } = await verify({ paths: [at], signedBy: [lab.public], requireSignatures: 2 })
    expect(ok).to.equal(false)
    expect(problems.map(({ code }) => code)).to.deep.equal(['SIGNATURE_UNTRUSTED'])
  })
})
