import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type InstallResult, install, type SaveResult, save, verify } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { readTar } from '../fixtures/read-tar.js'
import { type DockerRegistry, startDockerRegistry } from '../peers/docker-registry.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { type CountingProxy, startCountingProxy } from './counting-proxy.js'
import { killAt, runToEnd, seededRandom, timed } from './killing.js'

const KILLS = 25

describeWithPeers(['docker-registry', 'skopeo'], 'killed at random moments (kill -9)', () => {
  const temporary = scratch()
  const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  let registry: DockerRegistry
  let proxy: CountingProxy
  let undisturbed: Buffer
  let archive: string

  before(async () => {
    registry = await startDockerRegistry()
    const layout = path.join(temporary.folder(), 'layout')
    const sizes = [14_000_000, 9_000_000, 5_000_000]
    makeLayout(layout, [
      {
        refName: 'base:1.0',
        layers: sizes.map((size, i) => ({ files: { [`file${i}`]: size }, compression: 'none' })),
      },
    ])
    const reference = `docker://${registry.host}/base:1.0`
    runPeer('skopeo', [
      'copy',
      '--quiet',
      '--preserve-digests',
      '--dest-tls-verify=false',
      `oci:${layout}:base:1.0`,
      reference,
    ])
    proxy = await startCountingProxy(registry.host, 40e6)
    archive = path.join(temporary.folder(), 'undisturbed.tar')
    await save({ names: [`${proxy.host}/base:1.0`], path: archive })
    undisturbed = readFileSync(archive)
  })

  after(async () => {
    await proxy?.stop()
    await registry?.stop()
    temporary.remove()
  })

  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(`CRASH_SEED=${seed}`)
  })

  it(`save goes on inside the blobs, and fetches nothing twice that was complete (${KILLS} kills)`, async () => {
    const folder = temporary.folder()
    const target = path.join(folder, 'base.tar')
    const request = { names: [`${proxy.host}/base:1.0`], path: target }
    let whole = await timed(() =>
      runToEnd('save', { ...request, path: path.join(temporary.folder(), 'timed.tar') }),
    )
    let landed = 0
    let insideBlobs = 0
    // On a machine that is faster or slower by now than when it was timed, it takes more of them to hit a blob.
    for (let kills = 0; kills < KILLS || (insideBlobs === 0 && kills < 4 * KILLS); kills++) {
      const complete = completeBlobs(`${target}.part`)
      proxy.requests.length = 0
      let survived = false
      const took = await timed(async () => {
        survived = await killAt('save', request, within(whole))
      })
      if (survived) whole = Math.min(whole, took)
      insideBlobs += proxy.requests.filter(({ from }) => from > 0).length
      for (const digest of proxy.requests.map((asked) => asked.digest))
        expect(complete, `a complete blob is fetched again, seed ${seed}`).not.to.include(digest)
      if (existsSync(target)) {
        expect(readFileSync(target).equals(undisturbed)).to.equal(true)
        landed++
        for (const name of readdirSync(folder)) spawnSync('rm', ['-f', path.join(folder, name)])
      } else expect(survived, 'it ended well but left no file').to.equal(false)
    }
    const result = JSON.parse(await runToEnd('save', request)) as SaveResult
    expect(result.files).to.have.length(1)
    expect(readFileSync(target).equals(undisturbed)).to.equal(true)
    expect(readdirSync(folder), `after ${landed} whole files`).to.deep.equal(['base.tar'])
    expect(insideBlobs, `no run went on inside a blob, seed ${seed}`).to.be.greaterThan(0)
  })

  it(`install leaves a whole store every time (${KILLS} kills)`, async () => {
    const store = path.join(temporary.folder(), 'store')
    const sources = [`${proxy.host}/base:1.0`, archive]
    const whole: number[] = []
    for (const target of sources)
      whole.push(
        await timed(() =>
          runToEnd('install', { targets: [target], store: path.join(temporary.folder(), 'timed') }),
        ),
      )
    for (let kills = 0; kills < KILLS; kills++) {
      const there = blobsOf(store)
      proxy.requests.length = 0
      const target = sources[kills % 2] ?? archive
      await killAt('install', { targets: [target], store }, within(whole[kills % 2] ?? 0))
      const layers = proxy.requests.map(({ digest }) => digest).filter(isLayer)
      for (const digest of layers)
        expect(there, `a blob of the store is fetched again, seed ${seed}`).not.to.include(digest)
      await expectWhole(store)
      if (kills % 6 === 5) spawnSync('rm', ['-rf', store])
    }
    const result = JSON.parse(await runToEnd('install', { targets: [archive], store })) as InstallResult
    expect(result.images[0]?.tags).to.deep.equal([`${proxy.host}/base:1.0`, `${proxy.host}/base:latest`])
    await expectWhole(store)
    expect(readdirSync(path.join(store, 'ingest')).filter((name) => !name.endsWith('.part'))).to.deep.equal(
      [],
    )
    expect((await install({ targets: [archive], store })).copiedBytes).to.equal(0)
  })

  /** A moment in the later two thirds of a run, or just behind its end. */
  function within(milliseconds: number): number {
    return milliseconds * (0.35 + random() * 0.7)
  }

  /** Configs are small documents, read for every plan. */
  function isLayer(digest: string): boolean {
    const file = path.join(
      registry.folder,
      'docker/registry/v2/blobs/sha256',
      digest.slice(7, 9),
      digest.slice(7),
      'data',
    )
    return statSync(file).size > 1_000_000
  }

  async function expectWhole(store: string): Promise<void> {
    if (!existsSync(path.join(store, 'oci-layout'))) return
    expect((await verify({ store })).problems, `seed ${seed}`).to.deep.equal([])
    const index = readFileSync(path.join(store, 'index.json'), 'utf8')
    const latest = `${proxy.host}/base:latest`
    if (index.includes(latest)) runPeer('skopeo', ['inspect', `oci:${store}:${latest}`])
  }

  /** The layers that an unfinished archive counts as complete, by the trailer behind its end. */
  function completeBlobs(part: string): string[] {
    if (!existsSync(part)) return []
    const size = statSync(part).size
    const tail = Buffer.alloc(Math.min(size, 4096))
    const fd = openSync(part, 'r')
    readSync(fd, tail, 0, tail.length, size - tail.length)
    closeSync(fd)
    const magic = tail.indexOf('containerimage unfinished archive 1\n')
    if (magic < 0) return []
    const counts: bigint[] = []
    for (let at = magic + 96; at + 8 <= tail.length; at += 8) counts.push(tail.readBigUInt64LE(at))
    const layers = layersOf(undisturbed)
    return layers.filter((layer, i) => counts[i] === BigInt(layer.size)).map((layer) => layer.digest)
  }
})

function layersOf(archive: Buffer): { digest: string; size: number }[] {
  const index = JSON.parse(memberOf(archive, 'index.json')) as { manifests: { digest: string }[] }
  const manifest = JSON.parse(memberOf(archive, `blobs/sha256/${index.manifests[0]?.digest.slice(7)}`)) as {
    layers: { digest: string; size: number }[]
  }
  return manifest.layers.sort((a, b) => b.size - a.size)
}

function memberOf(archive: Buffer, name: string): string {
  return String(readTar(archive).get(name))
}

function blobsOf(store: string): string[] {
  const folder = path.join(store, 'blobs', 'sha256')
  return existsSync(folder) ? readdirSync(folder).map((hex) => `sha256:${hex}`) : []
}
