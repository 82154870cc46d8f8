import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { digestOf } from '../../manifests/index.js'
import { type InspectedImage, install, verify } from '../../provider/index.js'
import { inspectImages } from '../fixtures/inspect-images.js'
import { makeLayout } from '../fixtures/layout.js'
import { type Docker, startDocker } from '../peers/engines.js'
import { describeWithPeers, runPeer } from '../peers/peers.js'
import { scratch } from '../scratch.js'
import { agree } from '../verdict/agree.js'
import { verdicts } from '../verdict/asked-verbs.js'

function diffIdsOf(image: InspectedImage | undefined): string[] {
  const config = image?.config as { rootfs: { diff_ids: string[] } } | undefined
  return config?.rootfs.diff_ids ?? []
}

interface Made {
  path: string
  /** The layers keep their compressed bytes, so the manifest keeps its digest. */
  keepsDigest?: boolean
  /**
   * The digest of a manifest of docker's own type, which it keeps; skopeo's `oci:` finds only manifests of the
   * image-spec by name.
   */
  dockerDigest?: string
}

describeWithPeers(
  ['skopeo', 'umoci', 'podman', 'docker', 'dockerd', 'ctr'],
  'archives that other programs write',
  () => {
    const temporary = scratch()
    let engine: Docker
    let folder: string
    let diffIds: string[]
    let digest: string
    let podman: string[]

    before(async () => {
      engine = await startDocker()
      folder = temporary.folder()
      const layout = path.join(folder, 'layout')
      const [root] = makeLayout(layout, [
        {
          refName: 'base:1.2',
          layers: [
            { files: { 'etc/os-release': 'ID=base\n', 'bin/sh': 40_000 } },
            { files: { 'usr/share/one': 300_000 } },
            { files: { 'usr/share/two': 'two', 'usr/share/three': 1 } },
          ],
        },
      ])
      digest = root?.digest ?? ''
      const [image] = await inspectImages({ names: [layout] })
      diffIds = diffIdsOf(image)
      podman = [
        '--root',
        path.join(folder, 'pr'),
        '--runroot',
        path.join(folder, 'prr'),
        '--storage-driver',
        'vfs',
      ]
      runPeer('skopeo', [
        'copy',
        '--quiet',
        `oci:${layout}:base:1.2`,
        `docker-archive:${folder}/skopeo.tar:base:1.2`,
      ])
      engine.docker('load', '-i', path.join(folder, 'skopeo.tar'))
      runPeer('podman', [...podman, 'load', '-i', path.join(folder, 'skopeo.tar')])
    })

    after(async () => {
      await engine?.stop()
      temporary.remove()
    })

    const archives: Record<string, () => Made> = {
      'docker save': () => {
        const file = path.join(folder, 'docker.tar')
        engine.docker('save', '-o', file, 'base:1.2')
        return { path: file }
      },
      'docker save, compressed with gzip': () => compressed('docker.tar', ['gzip', '-kf'], '.gz'),
      'docker save, compressed with xz': () => compressed('docker.tar', ['xz', '-kf'], '.xz'),
      'docker save, compressed with zstd': () => compressed('docker.tar', ['zstd', '-qkf'], '.zst'),
      'docker save, unpacked into a folder': () => {
        const target = path.join(folder, 'docker-folder')
        mkdirSync(target)
        execFileSync('tar', ['xf', path.join(folder, 'docker.tar'), '-C', target])
        return { path: target }
      },
      'podman save': () => podmanSave('podman.tar', 'docker-archive'),
      'podman save --format oci-archive': () => podmanSave('podman-oci.tar', 'oci-archive'),
      'podman save --format oci-dir': () => podmanSave('podman-oci-dir', 'oci-dir'),
      'podman save --format docker-dir': () => {
        const made = podmanSave('podman-docker-dir', 'docker-dir')
        return { ...made, dockerDigest: digestOf(readFileSync(path.join(made.path, 'manifest.json'))) }
      },
      'skopeo copy docker-archive:': () => ({ path: path.join(folder, 'skopeo.tar') }),
      'skopeo copy oci-archive:': () => skopeo('oci-archive:', 'skopeo-oci.tar', ':base:1.2'),
      'skopeo copy dir:': () => ({ ...skopeo('dir:', 'skopeo-dir', ''), keepsDigest: true }),
      'skopeo copy oci:': () => ({ ...skopeo('oci:', 'skopeo-oci', ':base:1.2'), keepsDigest: true }),
      'umoci tag': () => {
        const copy = skopeo('oci:', 'umoci', ':base').path
        runPeer('umoci', ['tag', '--image', `${copy}:base`, '1.2'])
        runPeer('umoci', ['rm', '--image', `${copy}:base`])
        return { path: copy, keepsDigest: true }
      },
      'ctr images export': () => {
        const file = path.join(folder, 'ctr.tar')
        engine.ctr('images', 'import', path.join(folder, 'docker.tar'))
        engine.ctr('images', 'export', file, 'docker.io/library/base:1.2')
        const [dockerDigest = ''] = /sha256:[0-9a-f]{64}/.exec(engine.ctr('images', 'ls')) ?? []
        return { path: file, dockerDigest }
      },
    }

    for (const [title, make] of Object.entries(archives))
      it(`installs what ${title} wrote, with the same layers`, async () => {
        const made = make()
        const store = path.join(temporary.folder(), 'store')
        const result = await install({ targets: [made.path], store, name: 'base', version: '1.2' })
        expect(result.images).to.have.length(1)
        expect(result.images[0]?.tags).to.deep.equal(['base:1.2', 'base:latest'])
        if (made.keepsDigest) expect(result.images[0]?.digest).to.equal(digest)
        const [image] = await inspectImages({ names: ['base:1.2'], store })
        expect(diffIdsOf(image)).to.deep.equal(diffIds)
        expect((await verify({ store })).problems).to.deep.equal([])
        expect(result.images[0]?.digest).to.equal(made.dockerDigest ?? digestBySkopeo(store))
        agree({ images: 1 }, await verdicts({ file: made.path, scratch: temporary.folder() }, undefined))
      })

    function digestBySkopeo(store: string): string {
      return (JSON.parse(runPeer('skopeo', ['inspect', `oci:${store}:base:1.2`])) as { Digest: string })
        .Digest
    }

    function compressed(name: string, command: string[], ending: string): Made {
      const [program = '', ...args] = command
      execFileSync(program, [...args, path.join(folder, name)])
      return { path: path.join(folder, name + ending) }
    }

    function podmanSave(name: string, format: string): Made {
      const target = path.join(folder, name)
      runPeer('podman', [...podman, 'save', '--format', format, '-o', target, 'base:1.2'])
      return { path: target }
    }

    function skopeo(transport: string, name: string, suffix: string): Made {
      const target = path.join(folder, name)
      runPeer('skopeo', [
        'copy',
        '--quiet',
        `oci:${folder}/layout:base:1.2`,
        `${transport}${target}${suffix}`,
      ])
      return { path: target }
    }
  },
)
