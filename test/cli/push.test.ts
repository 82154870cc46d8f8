import path from 'node:path'
import { expect } from 'chai'
import { makeLayout } from '../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../peers/docker-registry.js'
import { describeWithPeers } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { run } from './command/run.js'

describeWithPeers(['docker-registry'], 'the command push', () => {
  const temporary = scratch()
  let registry: DockerRegistry
  let store: string[]

  before(async () => {
    registry = await startDockerRegistry()
    const folder = path.join(temporary.folder(), 'made')
    makeLayout(folder, [{ refName: 'debian:12.5', layers: [{ files: { file: 10_000 } }] }])
    store = ['--store', path.join(temporary.folder(), 'store')]
    await run(['install', folder, ...store])
  })
  after(async () => {
    await registry.stop()
    temporary.remove()
  })

  it('says what can be pulled, and what was sent', async () => {
    const { code, out } = await run(['push', 'debian', `${registry.host}/text`, ...store])
    expect(code).to.equal(0)
    expect(out).to.match(/^Pushed 127\.0\.0\.1:\d+\/text\/debian:12\.5, [\d.]+ kB\n {2}sha256:[0-9a-f]{64}\n/)
    expect(out).to.contain('  also tagged text/debian:latest\n')
    expect(out).to.match(/Sent [\d.]+ kB, mounted 0 B, reused 0 B\.\n$/)
  })

  it('gives a document to programs', async () => {
    const { out } = await run(['push', 'debian:12.5', `${registry.host}/json`, '--json', ...store])
    const { images, ...counts } = JSON.parse(out)
    expect(Object.keys(counts)).to.deep.equal(['sentBytes', 'mountedBytes', 'reusedBytes'])
    expect(Object.keys(images[0])).to.deep.equal(['name', 'version', 'reference', 'digest', 'tags', 'size'])
    expect(images[0].tags).to.deep.equal(['json/debian:12.5', 'json/debian:latest'])
  })

  it('takes the registry by name, too, in both spellings', async () => {
    const to = `${registry.host}/named`
    const asked = await run(['push', 'debian', '--registry', to, '--what-if', ...store])
    expect(asked.out).to.contain(`What if: Performing the operation "Push Package"`)
    expect(asked.out).to.match(/2 blobs to send/)
    const done = await run(['push', '-Name', 'debian', '-Destination', to, '-NoLatest', ...store])
    expect(done.out).to.not.contain('latest')
    const again = await run(['push', 'debian', to, '-WhatIf', ...store])
    expect(again.out).to.contain('all of it is already there')
  })

  it('needs a registry', async () => {
    const { code, err } = await run(['push', 'debian', ...store])
    expect(code).to.equal(2)
    expect(err).to.contain('then the registry')
  })
})
