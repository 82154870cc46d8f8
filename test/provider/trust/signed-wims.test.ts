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
import { addSource, install, save, trustAdd, verify } from '../../../provider/index.js'
import { makeWim } from '../../fixtures/wim.js'
import { describeWithPeers, runPeer } from '../../peers/peers.js'
import { failure } from '../verbs/failure.js'
import { filesIn } from '../verbs/on-disk.js'
import { flip, type Keys, trustingHost } from './site.js'

const NAME = 'NanoServer-10-0-14300-1010'

describeWithPeers(['minisign', 'sha256sum'], 'a WIM that is signed', () => {
  const host = trustingHost()
  let build: Keys
  let lab: Keys
  let folder: string
  let store: string

  beforeEach(async () => {
    host.begin()
    build = await host.keys('build')
    lab = await host.keys('lab')
    folder = host.folder()
    store = path.join(folder, 'store')
  })
  afterEach(() => host.end())

  /** Saves a WIM as it is, signed. @returns its path */
  async function savedWim(size = 10_000, splitSize?: number): Promise<string> {
    const [from = ''] = await makeWim(path.join(folder, splitSize ? 'own.swm' : 'own.wim'), {
      size,
      splitSize,
    })
    const stick = path.join(folder, 'stick')
    mkdirSync(stick)
    await save({ names: [from], path: stick, sign: [build.secret], store })
    return path.join(stick, `${NAME}.${splitSize ? 'swm' : 'wim'}`)
  }

  const by = (key: Keys) => ({ signedBy: [key.public] })

  it('as it is, or made of an image, has a list that minisign and sha256sum check by hand', async () => {
    const file = await savedWim()
    const made = path.join(folder, 'made.wim')
    await save({ names: [file], path: made, index: '1', sign: [build.secret], store })
    for (const wim of [file, made]) {
      runPeer('minisign', ['-V', '-p', build.public, '-m', `${wim}.sha256`])
      const sums = readFileSync(`${wim}.sha256`, 'utf8').replaceAll(/^(\S+ {2})/gm, `$1${path.dirname(wim)}/`)
      runPeer('sha256sum', ['-c', '--strict', '-'], { input: Buffer.from(sums) })
    }
    expect(await host.taken(made, [build])).to.equal('taken')
    expect(await host.taken(file, [lab])).to.equal('SIGNATURE_UNTRUSTED')
    const { ok, signers } = await verify({ paths: [file], ...by(build) })
    expect(ok).to.equal(true)
    expect(signers?.[0]?.signers[0]).to.include({ verdict: 'valid', signer: 'build.pub' })
  })

  it('in parts is judged by the list of the first, whichever part is named', async () => {
    const first = await savedWim(400_000, 150_000)
    const parts = readdirSync(path.dirname(first)).filter((name) => name.endsWith('.swm'))
    expect(parts.length).to.be.greaterThan(1)
    const second = first.replace('.swm', '2.swm')
    expect(await host.taken(second, [build])).to.equal('taken')
    flip(second, 5000)
    expect(await host.taken(first, [build])).to.equal('FILE_CHANGED')
    const out = path.join(folder, 'out')
    mkdirSync(out)
    await failure(save({ names: [first], path: out, store, ...by(build) }), 'FILE_CHANGED')
    expect(filesIn(out)).to.deep.equal({})
  })

  it('is judged where save copies it as it is, and nothing is written of one that is refused', async () => {
    const file = await savedWim()
    const out = path.join(folder, 'out')
    mkdirSync(out)
    const saving = { path: out, store }
    for (const more of [{}, { index: '1' }, { format: 'oci-archive' as const }]) {
      await failure(save({ names: [file], ...saving, ...by(lab), ...more }), 'SIGNATURE_UNTRUSTED')
      await failure(
        save({ names: [path.join(folder, 'own.wim')], ...saving, ...by(build), ...more }),
        'SIGNATURE_MISSING',
      )
      expect(filesIn(out)).to.deep.equal({})
    }
    await save({ names: [file], ...saving, ...by(build) })
    expect(readdirSync(out)).to.deep.equal([`${NAME}.wim`])
    rmSync(path.join(out, `${NAME}.wim`))
    await save({ names: [file], ...saving, ...by(build), index: '1', sbom: true })
    rmSync(out, { recursive: true })
    mkdirSync(out)
    flip(file, 5000)
    for (const more of [{}, { index: '1' }]) {
      await failure(save({ names: [file], ...saving, ...by(build), ...more }), 'FILE_CHANGED')
      expect(filesIn(out)).to.deep.equal({})
    }
  })

  it('is judged where a source offers it, and has to be signed for its name there', async () => {
    const file = await savedWim()
    await addSource({ name: 'stick', location: path.dirname(file), type: 'folder' })
    const out = path.join(folder, 'out')
    mkdirSync(out)
    const saving = { names: ['NanoServer'], source: 'stick', path: out, store }
    await trustAdd({ key: build.public, name: 'build', patterns: ['windows*'] })
    await failure(save(saving), 'SIGNATURE_UNTRUSTED')
    expect(filesIn(out)).to.deep.equal({})
    await trustAdd({ key: lab.public, name: 'lab' })
    await failure(save(saving), 'SIGNATURE_UNTRUSTED')
    await save({ ...saving, ...by(build) })
    expect(readdirSync(out)).to.deep.equal([`${NAME}.wim`])
  })

  it('behind a URL can have no signature, and nothing is fetched of it where one must have', async () => {
    const index = path.join(folder, 'index.json')
    const facts = {
      os: 'windows',
      architecture: 'amd64',
      osVersion: '10.0.14300.1010',
      summary: 'for a test',
    }
    const pinned = { url: 'http://127.0.0.1:9/own.wim', sha256: 'a'.repeat(64), size: 1000 }
    const image = { name: 'NanoServer', version: '10.0.14300.1010', ...facts, ...pinned }
    writeFileSync(index, JSON.stringify({ schemaVersion: 1, images: [image] }))
    const saving = { names: ['NanoServer'], source: index, path: folder, store, ...by(build) }
    const error = await failure(save(saving), 'SIGNATURE_MISSING')
    expect(error.message).to.contain('http://127.0.0.1:9/own.wim')
  })

  it('is judged by the policy for images where it is copied as it is, as where it is installed', async () => {
    const file = await savedWim()
    const out = path.join(folder, 'out')
    mkdirSync(out)
    writeFileSync(path.join(folder, 'key.pub'), KEY)
    const policyOf = (rule: object): string => {
      const policy = path.join(folder, 'policy.json')
      writeFileSync(policy, JSON.stringify({ default: 'reject', images: [rule] }))
      return policy
    }
    for (const [rule, code] of [
      [{ name: 'other', is: 'accepted' }, 'IMAGE_REJECTED'],
      [{ name: 'nanoserver', signedBy: { key: 'key.pub' } }, 'IMAGE_UNSIGNED'],
    ] as const) {
      const policy = policyOf(rule)
      await failure(save({ names: [file], path: out, store, policy }), code)
      await failure(install({ targets: [file], store: path.join(folder, 'installed'), policy }), code)
      expect(filesIn(out)).to.deep.equal({})
    }
    const accepted = policyOf({ name: 'nanoserver', is: 'accepted' })
    await save({ names: [file], path: out, store, policy: accepted })
    expect(readdirSync(out)).to.deep.equal([`${NAME}.wim`])
  })

  it('under another name is another file', async () => {
    const file = await savedWim()
    const moved = path.join(path.dirname(file), 'b.wim')
    for (const ending of ['', '.sha256', '.sha256.minisig']) copyFileSync(file + ending, moved + ending)
    const out = path.join(folder, 'b-saved.wim')
    await failure(save({ names: [moved], path: out, store, ...by(build) }), 'FILE_EXTRA')
    expect(existsSync(out)).to.equal(false)
  })
})

const KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
`
