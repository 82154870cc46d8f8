import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import {
  type ImageDetail,
  type Job,
  TOKEN_HEADER,
  type VerifyAnswer,
} from '../../../cli/ui/protocol/actions.js'
import { type OpenedWindow, openWindow } from '../../../cli/ui/server/open-window.js'
import { mediaSign, save, setSetting, trustAdd } from '../../../provider/index.js'
import { makeLayout } from '../../fixtures/layout.js'
import { attachByTag } from '../../fixtures/signing/attach.js'
import { cosignLayer } from '../../fixtures/signing/cosign.js'
import { type KeyPair, makeKey } from '../../fixtures/signing/keys.js'
import { flip, trustingHost } from '../../provider/trust/site.js'

describe('the window, of who signed what', () => {
  const host = trustingHost()
  let window: OpenedWindow
  let folder: string
  let store: string

  beforeEach(async () => {
    host.begin()
    folder = host.folder()
    store = path.join(folder, 'store')
    window = await openWindow({ common: { store }, allowsChanges: true })
  })
  afterEach(async () => {
    await window.close()
    host.end()
  })

  async function post<T>(action: string, request: object): Promise<T> {
    const { origin, hash } = new URL(window.address)
    const headers = { 'content-type': 'application/json', [TOKEN_HEADER]: hash.replace('#token=', '') }
    const answer = await fetch(`${origin}/api/${action}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(request),
    })
    return (await answer.json()) as T
  }

  /** Starts a long action and waits for its end. */
  async function done<T>(action: string, request: object): Promise<Job & { result?: T }> {
    const { id } = await post<Job>(action, request)
    for (;;) {
      const job = (await post<Job[]>('jobs', {})).find((one) => one.id === id)
      if (job && job.state !== 'running') return job as Job & { result?: T }
      await setTimeout(20)
    }
  }

  function layoutOf(key?: KeyPair): string {
    const layout = path.join(host.folder(), 'layout')
    const [image] = makeLayout(layout, [{ refName: 'demo:1.0', layers: [{ files: { a: 'a' } }] }])
    if (image && key) attachByTag(layout, image, [cosignLayer(image, key)])
    return layout
  }

  it('has a row for each signature of an image, with the verdict of the policy in the settings', async () => {
    const [key, other] = [makeKey(), makeKey()]
    const [signed, foreign, unsigned] = [layoutOf(key), layoutOf(other), layoutOf()]
    const ask = (name: string): Promise<ImageDetail> => post('image', { name })
    // Without a policy nobody knows the key.
    expect((await ask(signed)).signatures?.[0]).to.include({ kind: 'cosign', verdict: 'unchecked' })
    writeFileSync(path.join(folder, 'key.pub'), key.pem)
    const policy = path.join(folder, 'policy.json')
    const images = [{ name: 'demo', signedBy: { key: 'key.pub' } }]
    writeFileSync(policy, JSON.stringify({ default: 'reject', images }))
    await setSetting('policy', policy)
    const good = await ask(signed)
    expect(good.refusal).to.equal(undefined)
    expect(good.signatures?.[0]).to.include({ kind: 'cosign', verdict: 'trusted' })
    expect(good.signatures?.[0]?.signer).to.match(/^key [0-9a-f]{16}$/)
    const bad = await ask(foreign)
    expect(bad.refusal?.code).to.equal('IMAGE_SIGNER_UNTRUSTED')
    expect(bad.signatures?.[0]).to.include({ verdict: 'untrusted' })
    expect(bad.signatures?.[0]?.reason).to.be.a('string').and.not.equal('')
    expect((await ask(unsigned)).refusal?.code).to.equal('IMAGE_UNSIGNED')
  })

  it('has a row for each signer of a stick that it checks, and refuses to install what is not signed', async () => {
    const [build, lab] = [await host.keys('build'), await host.keys('lab')]
    const media = path.join(folder, 'usb')
    await save({ names: [layoutOf()], path: media, format: 'media', force: true, store: `${store}-preparer` })
    await mediaSign({ path: media, sign: [build.secret, lab.secret] })
    await trustAdd({ key: build.public, name: 'build' })
    const checked = await done<VerifyAnswer>('verify', { path: media })
    expect(checked.result?.ok).to.equal(true)
    const told = checked.result?.signers?.flatMap(({ signers }) => signers) ?? []
    expect(told.map(({ keyId, signer, verdict }) => [keyId, signer, verdict])).to.have.deep.members([
      [build.id, 'build', 'valid'],
      [lab.id, undefined, 'unknown'],
    ])
    expect(told.find(({ signer }) => signer)?.signed).to.match(/^\d{4}-\d\d-\d\dT/)
    flip(path.join(media, 'SHA256SUMS'), 3)
    const changed = await done<VerifyAnswer>('verify', { path: media })
    expect(changed.result?.ok).to.equal(false)
    expect(changed.result?.signers?.[0]?.signers.map(({ verdict }) => verdict)).to.include('invalid')
    const refused = await done<object>('install', { target: media })
    expect(refused.error?.code).to.equal('SIGNATURE_INVALID')
    expect(existsSync(path.join(store, 'index.json'))).to.equal(false)
  })
})
