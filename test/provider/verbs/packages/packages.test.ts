import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  type InspectedImage,
  inspect,
  install,
  type PackagesResult,
  packages,
} from '../../../../provider/index.js'
import { debianRootfs } from '../../../fixtures/debian.js'
import { withAttestation } from '../../../fixtures/indexed-layouts.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { addIndex, writeIndex } from '../../../fixtures/layout.js'
import { type TarMember, tar } from '../../../fixtures/tar.js'
import { describeWithPeers, peer, runPeer } from '../../../peers/peers.js'
import { scratch } from '../../../scratch.js'
import { DPKG_STATUS, SAMPLES } from '../../inside/packages/samples.js'
import { addReferrer } from '../signed.js'
import { inOneForm, scannedByTrivy } from './scanned-by-trivy.js'

const { folder, remove } = scratch()

function layoutOf(...layers: Buffer[]): string {
  const layout = path.join(folder(), 'layout')
  addLayered(layout, {
    name: 'made',
    version: '1',
    layers: layers.map((one) => ({ tar: one, form: 'gzip' })),
  })
  return layout
}

async function packagesIn(name: string): Promise<PackagesResult> {
  return await packages({ name, store: path.join(folder(), 'store') })
}

function sample(file: string): TarMember {
  const found = SAMPLES.find((one) => one.path === file)
  if (!found) throw new Error(`no sample ${file}`)
  return { name: file, bytes: found.bytes, mode: 0o755 }
}

/** As `scannedByTrivy` has them. */
function inTrivysForm({ packages: listed }: PackagesResult): string[] {
  const lines = listed.flatMap(({ purl = '' }) => {
    const [, type, name = '', version = ''] = /^pkg:([^/]+)\/(.*)@([^?]*)/.exec(purl) ?? []
    return type === undefined ? [] : [inOneForm(type, name, version, /[?&]epoch=(\d+)/.exec(purl)?.[1])]
  })
  return [...new Set(lines)].sort()
}

describe('packages', () => {
  after(remove)

  it('are those of the files that are left after all layers, with the layer that brought each file', async () => {
    const below = tar(
      { name: 'etc/os-release', bytes: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n' },
      { name: 'var/lib/dpkg/status', bytes: DPKG_STATUS },
      { name: 'app/node_modules/old/package.json', bytes: '{"name":"old","version":"1.0.0"}' },
      { name: 'app/node_modules/kept/package.json', bytes: '{"name":"kept","version":"1.0.0"}' },
    )
    const above = tar(
      { name: 'var/lib/dpkg/status', bytes: 'Package: libc6\nStatus: install ok installed\nVersion: 2.37\n' },
      { name: 'app/node_modules/.wh.old' },
    )
    const result = await packagesIn(layoutOf(below, above))
    expect(result.distribution).to.deep.equal({
      id: 'debian',
      version: '12',
      prettyName: 'Debian GNU/Linux 12',
    })
    expect(result.layers).to.have.lengthOf(2)
    expect(result.packages).to.deep.equal([
      {
        kind: 'npm',
        name: 'kept',
        version: '1.0.0',
        purl: 'pkg:npm/kept@1.0.0',
        file: '/app/node_modules/kept/package.json',
        layer: 1,
      },
      {
        kind: 'deb',
        name: 'libc6',
        version: '2.37',
        purl: 'pkg:deb/debian/libc6@2.37?distro=debian-12',
        file: '/var/lib/dpkg/status',
        layer: 2,
      },
    ])
  })

  it('are those of the kinds that were asked for', async () => {
    const layout = layoutOf(tar(sample('var/lib/dpkg/status'), sample('usr/bin/go-program')))
    const of = async (...kinds: ('deb' | 'golang')[]): Promise<string[]> => {
      const result = await packages({ name: layout, kinds, store: path.join(folder(), 'store') })
      return [...new Set(result.packages.map(({ kind }) => kind))].sort()
    }
    expect(await of('deb')).to.deep.equal(['deb'])
    expect(await of('golang', 'deb')).to.deep.equal(['deb', 'golang'])
    expect(await of()).to.deep.equal(['deb', 'golang'])
  })

  it('are the same when the layers were read by an earlier run', async () => {
    const layout = layoutOf(tar(...SAMPLES.map(({ path: file }) => sample(file))))
    const first = await packagesIn(layout)
    expect(first.packages.length).to.be.greaterThan(20)
    expect(await packagesIn(layout)).to.deep.equal(first)
  })

  it('of an image with none are none', async () => {
    const result = await packagesIn(layoutOf(tar({ name: 'hello', bytes: 'hi' })))
    expect(result.image).to.equal('made:1')
    expect(result.packages).to.deep.equal([])
    expect(result).not.to.have.property('distribution')
  })

  describe('beside the bills of materials that go with the image', () => {
    const ours = ['pkg:deb/debian/tzdata@2024a-0+deb12u1?arch=all', 'pkg:pypi/requests@2.28.1']
    const theirs = [
      ...ours.slice(1),
      'pkg:deb/debian/other@1.0',
      'pkg:oci/made@sha256%3Aabc',
      'no package URL',
    ]
    const cyclonedx = { bomFormat: 'CycloneDX', components: [...theirs.map((purl) => ({ purl })), null, {}] }
    const spdx = {
      spdxVersion: 'SPDX-2.3',
      packages: theirs.map((referenceLocator) => ({
        externalRefs: [{ referenceType: 'purl', referenceLocator }],
      })),
    }
    const statement = { _type: 'https://in-toto.io/Statement/v1', predicate: spdx }
    const envelope = { payload: Buffer.from(JSON.stringify(statement)).toString('base64') }
    const documents: [type: string, document: unknown, format: string][] = [
      ['application/vnd.cyclonedx+json', cyclonedx, 'cyclonedx'],
      ['text/spdx+json', spdx, 'spdx'],
      ['application/vnd.in-toto+json', statement, 'spdx'],
      ['application/vnd.dsse.envelope.v1+json', envelope, 'spdx'],
      ['application/vnd.dev.sigstore.bundle.v0.3+json', { dsseEnvelope: envelope }, 'spdx'],
    ]

    function withSbom(mediaType: string, text: string): string {
      const layout = path.join(folder(), 'layout')
      const files = [
        sample('var/lib/dpkg/status.d/tzdata'),
        sample('usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA'),
      ]
      const system = { name: 'etc/os-release', bytes: 'ID=debian\nVERSION_ID="12"\n' }
      const root = addLayered(layout, {
        name: 'made',
        version: '1',
        layers: [{ tar: tar(system, ...files) }],
      })
      addReferrer(layout, root, text, mediaType)
      return layout
    }

    for (const [type, document, format] of documents)
      it(`count what both have, and name what one has: ${type}`, async () => {
        const { carried = [] } = await packagesIn(withSbom(type, JSON.stringify(document)))
        expect(carried).to.have.lengthOf(1)
        expect(carried[0]).to.include({ format, packages: 2, both: 1 })
        expect(carried[0]?.onlyThere).to.deep.equal(['pkg:deb/debian/other@1.0'])
        expect(carried[0]?.onlyHere).to.deep.equal(['pkg:deb/debian/tzdata@2024a-0+deb12u1'])
      })

    it('take a broken one for none', async () => {
      for (const text of [
        '{',
        '[]',
        'null',
        '{"payload":"!"}',
        '{"predicate":{"predicate":{"predicate":{"predicate":{"predicate":{}}}}}}',
      ])
        expect(await packagesIn(withSbom('application/vnd.in-toto+json', text))).not.to.have.property(
          'carried',
        )
    })
  })

  it('compare what a build attests beside an image with what is in it, wherever the index lies', async () => {
    const layout = path.join(folder(), 'built')
    const root = addLayered(layout, {
      name: 'built',
      version: '1',
      layers: [
        { tar: tar({ name: 'etc/os-release', bytes: 'ID=alpine\n' }, sample('lib/apk/db/installed')) },
      ],
    })
    const platform = { os: 'linux', architecture: 'amd64' }
    writeIndex(layout, [addIndex(layout, [{ ...root, platform }])])
    const statement = {
      predicateType: 'https://spdx.dev/Document',
      predicate: {
        spdxVersion: 'SPDX-2.3',
        packages: [
          { externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:apk/alpine/other@1.0' }] },
        ],
      },
    }
    withAttestation(layout, 'there', JSON.stringify(statement))
    const store = path.join(folder(), 'store')
    await install({ targets: [layout], allPlatforms: true, store, noLatest: true })
    for (const name of [layout, 'multi:1.0']) {
      const { carried = [] } = await packages({ name, store })
      expect(carried).to.have.lengthOf(1)
      expect(carried[0]).to.include({ format: 'spdx', packages: 1, both: 0 })
      const [told] = (await inspect({ names: [name], store })) as InspectedImage[]
      expect(told?.platform).to.equal('linux/amd64')
      expect(told?.attestations).to.deep.equal([
        { digest: carried[0]?.digest, predicates: ['https://spdx.dev/Document'] },
      ])
    }
  })

  it('tell of the files that cannot be read, and of the rest of the packages', async () => {
    const result = await packagesIn(
      layoutOf(
        tar({ name: 'var/lib/rpm/rpmdb.sqlite', bytes: 'no database' }, sample('lib/apk/db/installed')),
      ),
    )
    expect(result.packages.map(({ name }) => name)).to.deep.equal(['musl', 'ssl_client'])
    expect(result.notes).to.deep.equal([
      {
        file: '/var/lib/rpm/rpmdb.sqlite',
        layer: 1,
        message: 'cannot be read as a whole: it is no SQLite database',
      },
    ])
  })
})

describeWithPeers(['mmdebstrap', 'dpkg-query', 'tar'], 'packages of a real Debian', () => {
  after(remove)

  it('are those of dpkg-query, with their sources', async () => {
    const rootfs = await debianRootfs()
    const admin = path.join(folder(), 'root')
    mkdirSync(admin)
    runPeer('tar', ['-xf', rootfs, '-C', admin, '--wildcards', './var/lib/dpkg/*'])
    const fields = [
      'db:Status-Status',
      'Package',
      'Version',
      'Architecture',
      'source:Package',
      'source:Version',
    ]
    const format = `${fields.map((field) => `\${${field}}`).join(' ')}\n`
    const lines = runPeer('dpkg-query', [`--admindir=${admin}/var/lib/dpkg`, '-W', '-f', format])
      .trim()
      .split('\n')
    const expected = lines.filter((line) => line.startsWith('installed ')).map((line) => line.slice(10))
    const { packages: listed, notes, distribution } = await packagesIn(rootfs)
    const ours = listed
      .filter(({ kind }) => kind === 'deb')
      .map(({ name, version, architecture, source = { name, version } }) =>
        [name, version, architecture, source.name, source.version].join(' '),
      )
    expect(notes).to.deep.equal([])
    expect(distribution).to.include({ id: 'debian', codename: 'bookworm' })
    expect(ours.length).to.be.greaterThan(50)
    expect(ours.sort()).to.deep.equal(expected.sort())
  })
})

describeWithPeers(['trivy'], 'packages beside those of trivy', () => {
  after(remove)

  /** What trivy reads without its database of Java, and with this build of it. */
  const LIBRARIES: TarMember[] = [
    sample('usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA'),
    sample('usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.8.gemspec'),
    sample('app/program.deps.json'),
    { name: 'srv/node_modules/left-pad/package.json', bytes: '{"name":"left-pad","version":"1.3.0"}' },
    {
      name: 'srv/node_modules/@a/b/package.json',
      bytes: '{"name":"@a/b","version":"2.0.0","license":"MIT"}',
    },
  ]

  const SYSTEMS: Record<string, TarMember[]> = {
    'Debian without dpkg': [
      { name: 'etc/os-release', bytes: 'ID=debian\nVERSION_ID="12"\n' },
      { name: 'etc/debian_version', bytes: '12.5\n' },
      sample('var/lib/dpkg/status.d/tzdata'),
    ],
    Alpine: [
      { name: 'etc/os-release', bytes: 'ID=alpine\nVERSION_ID=3.18.4\n' },
      { name: 'etc/alpine-release', bytes: '3.18.4\n' },
      sample('lib/apk/db/installed'),
    ],
    'AlmaLinux with a database of rpm itself': [
      { name: 'etc/os-release', bytes: 'ID="almalinux"\nVERSION_ID="9.3"\n' },
      { name: 'etc/almalinux-release', bytes: 'AlmaLinux release 9.3 (Shamrock Pampas Cat)\n' },
      sample('usr/lib/sysimage/rpm/Packages.db'),
    ],
  }

  for (const [title, members] of Object.entries(SYSTEMS))
    it(`agree for ${title} and the libraries in it`, async () => {
      const layout = layoutOf(tar(...members, ...LIBRARIES))
      const theirs = scannedByTrivy(layout, folder()).filter((line) => !line.startsWith('rpm gpg-pubkey '))
      const ours = inTrivysForm(await packagesIn(layout))
      expect(ours.length).to.be.greaterThan(5)
      expect(ours).to.deep.equal(theirs)
    })

  it('agree but for libraries that a package of the distribution brought, which ours names and theirs leaves out', async () => {
    const requests = sample('usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA')
    const layout = layoutOf(
      tar(
        { name: 'etc/os-release', bytes: 'ID=debian\nVERSION_ID="12"\n' },
        { name: 'etc/debian_version', bytes: '12.5\n' },
        {
          name: 'var/lib/dpkg/status',
          bytes:
            'Package: python3-requests\nStatus: install ok installed\nVersion: 2.28.1+dfsg-1\nArchitecture: all\n',
        },
        { name: 'var/lib/dpkg/info/python3-requests.list', bytes: `/.\n/usr\n/${requests.name}\n` },
        requests,
        sample('usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.8.gemspec'),
      ),
    )
    const result = await packagesIn(layout)
    expect(result.packages.find(({ kind }) => kind === 'pypi')).to.include({ partOf: 'python3-requests' })
    const others = result.packages.filter(({ partOf }) => partOf === undefined)
    expect(inTrivysForm({ ...result, packages: others })).to.deep.equal(scannedByTrivy(layout, folder()))
  })

  it('agree for a real Debian', async function () {
    if (!peer('mmdebstrap')) this.skip()
    const layout = layoutOf(readFileSync(await debianRootfs()))
    expect(inTrivysForm(await packagesIn(layout))).to.deep.equal(scannedByTrivy(layout, folder()))
  })
})
