import { expect } from 'chai'
import { entryVersion } from '../../../catalog/entry-version.js'
import { Catalog } from '../../../catalog/requests/catalog.js'
import { EmbeddedSource } from '../../../catalog/sources/embedded.js'
import { EMBEDDED_IMAGES } from '../../../catalog/sources/embedded-data.js'
import { documentedEntries, listedEntries } from '../../../catalog/sources/embedded-image.js'
import { isName } from '../../../catalog/sources/index-document.js'
import { isTag, parsePlatform, parseReference } from '../../../manifests/index.js'

const NAMES = [
  'NanoServer',
  'WindowsServerCore',
  'WindowsServer',
  'Windows',
  'debian',
  'ubuntu',
  'alpine',
  'fedora',
  'rockylinux',
  'almalinux',
  'amazonlinux',
  'opensuse-leap',
  'opensuse-tumbleweed',
  'azurelinux',
  'busybox',
  'dotnet-aspnet',
  'dotnet-runtime',
  'dotnet-sdk',
]

/** The newest of the tags that a registry may list, by the rule of an image. */
async function newestListed(name: string, tags: string[]): Promise<string | undefined> {
  const lister = { tags: async () => tags, repositories: async () => undefined }
  const catalog = new Catalog([new EmbeddedSource({ lister })])
  const { entries } = await catalog.find({ names: [name] })
  return entries[0]?.version
}

describe('the images that ship', () => {
  it('are those that are promised', () => {
    expect(EMBEDDED_IMAGES.map((image) => image.name)).to.deep.equal(NAMES)
  })

  for (const image of EMBEDDED_IMAGES)
    it(`${image.name} says where it is, and where its tags are documented, as of which day`, () => {
      expect(isName(image.name)).to.equal(true)
      expect(image.publisher).to.match(/^[A-Za-z]+$/)
      expect(image.summary).to.match(/^[\x20-\x7e]{5,100}$/)
      expect(image.asOf).to.match(/^20[0-9]{2}-[01][0-9]-[0-3][0-9]$/)
      expect(image.documentedBy).not.to.be.empty
      for (const url of image.documentedBy) expect(url).to.match(/^https:\/\/[a-z0-9.-]+\/\S+$/)
      for (const platform of image.platforms) expect(() => parsePlatform(platform)).not.to.throw()
      const tags = image.documented.flatMap((group) => group.tags)
      expect(new Set(tags).size, 'a tag stands twice').to.equal(tags.length)
      expect(tags.every(isTag)).to.equal(true)
      for (const { platforms = [] } of image.documented) expect(image.platforms).to.include.members(platforms)
      for (const entry of documentedEntries(image, 'embedded'))
        if (entry.location.kind === 'registry')
          expect(parseReference(entry.location.reference).tag).to.equal(entry.version)
    })

  it('are pinned by nothing that nobody documented', () => {
    for (const image of EMBEDDED_IMAGES)
      for (const entry of documentedEntries(image, 'embedded'))
        expect(entry).not.to.have.any.keys('digest', 'size')
  })

  it('have versions that are builds of Windows', () => {
    const nano = EMBEDDED_IMAGES[0]
    if (!nano) throw new Error('there is no image')
    const entries = listedEntries(
      nano,
      ['10.0.20348.2227', '10.0.20348.2227-amd64', 'ltsc2022', '10.0.17763.1040-arm'],
      'x',
    )
    expect(entries.map((entry) => entryVersion(entry)?.text)).to.deep.equal([
      '10.0.20348.2227',
      undefined,
      undefined,
      undefined,
    ])
  })

  const rules: [name: string, tags: string[], newest: string | undefined][] = [
    [
      'NanoServer',
      ['ltsc2025', '1809', '10.0.20348.999', '10.0.20348.2227', '10.0.20348.9999-amd64'],
      '10.0.20348.2227',
    ],
    ['debian', ['latest', '13', '13.6', '13.6-slim', 'trixie-20260803', '12.15'], '13.6'],
    ['ubuntu', ['26.10', '26.04', '25.10', '24.04', 'devel'], '26.04'],
    ['alpine', ['edge', '20260805', '3', '3.24', '3.24.1', '3.9.6'], '3.24.1'],
    ['opensuse-leap', ['42.3', '15.6', '16.0', '16.0.13.5', 'latest'], '16.0.13.5'],
    [
      'amazonlinux',
      ['2', '2023', '2.0.20260817.0', '2023.12.20260817.0', '2023.9.20251117.1'],
      '2023.12.20260817.0',
    ],
    ['azurelinux', ['3.0', '3.0.20260722', '3.0.20260722-amd64'], '3.0.20260722'],
    ['dotnet-sdk', ['10.0', '10.0.400', '10.0.400-alpine3.23', '11.0.100-preview.7', '9.0.317'], '10.0.400'],
    ['almalinux', ['10', '9.8', '10.2', '10.2-20260602', '10-kitten'], '10.2'],
  ]
  for (const [name, tags, newest] of rules)
    it(`give ${newest} as the newest of ${name}`, async () => {
      expect(await newestListed(name, tags)).to.equal(newest)
    })

  it('never give a release of Fedora that is still in the making as the newest', async () => {
    let caught: unknown
    await newestListed('fedora', ['45', '44', '43', 'rawhide', 'latest']).catch((e) => {
      caught = e
    })
    expect(caught).to.have.property('code', 'NO_MATCH')
    expect(caught).to.have.property('remedy').that.contains('43, 44, 45')
  })

  it('are shown in one line’s time without a network, with the day that the list is as of', async () => {
    const { entries, notes } = await new Catalog([new EmbeddedSource()]).find({})
    expect(entries.map((e) => `${e.name} ${e.version}`)).to.include.members([
      'debian 13.6',
      'ubuntu 26.04',
      'busybox 1.38.0',
    ])
    expect(notes[0]).to.match(/^No network: showing the list as of 20[0-9-]{8}\.$/)
    expect(notes[1]).to.contain('fedora').and.contain('`allVersions`')
    expect(notes).to.have.length(2)
  })

  it('give a Windows host the newest build that it runs', async () => {
    const catalog = new Catalog([new EmbeddedSource()])
    const pick = async (host: string) =>
      (await catalog.pick('NanoServer', { host: parsePlatform(host) })).entries[0]?.version
    expect(await pick('windows/amd64:10.0.20348')).to.equal('10.0.20348.5499')
    expect(await pick('windows/amd64:10.0.22631')).to.equal('10.0.20348.5499')
    expect(await pick('linux/arm64')).to.equal('10.0.26100.33438')
  })
})
