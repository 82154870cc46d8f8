import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { type SbomFormat, writeSbom } from '../../../../provider/index.js'
import { cycloneDxErrors } from '../../../fixtures/cyclonedx-schema.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { tar } from '../../../fixtures/tar.js'
import { scratch } from '../../../scratch.js'
import { SAMPLES } from '../../inside/packages/samples.js'
import { failure } from '../failure.js'

const { folder, remove } = scratch()

function layout(): string {
  const made = path.join(folder(), 'layout')
  const members = SAMPLES.map(({ path: name, bytes }) => ({ name, bytes, mode: 0o755 }))
  const system = { name: 'etc/os-release', bytes: 'ID=debian\nVERSION_ID="12"\n' }
  addLayered(made, { name: 'made', version: '1', layers: [{ tar: tar(system, ...members), form: 'gzip' }] })
  return made
}

async function documentOf(format: SbomFormat, name = layout()): Promise<string> {
  const chunks: Uint8Array[] = []
  await writeSbom({
    name,
    format,
    output: '-',
    store: path.join(folder(), 'store'),
    stdout: async (bytes) => {
      for await (const chunk of bytes) chunks.push(chunk)
    },
  })
  return Buffer.concat(chunks).toString('utf8')
}

describe('the software bill of materials of an image', () => {
  after(remove)
  afterEach(() => {
    delete process.env.SOURCE_DATE_EPOCH
  })

  it('is valid by the schema of CycloneDX 1.6', async () => {
    const document = JSON.parse(await documentOf('cyclonedx'))
    expect(cycloneDxErrors(document)).to.equal('')
    expect(cycloneDxErrors({ ...document, serialNumber: 'none' })).not.to.equal('')
    const refs = document.components.map((one: { 'bom-ref': string }) => one['bom-ref'])
    expect(new Set(refs).size).to.equal(refs.length)
    expect(document.dependencies[0].dependsOn).to.deep.equal(refs)
  })

  it('is a whole document of SPDX 2.3: all that it names is in it', async () => {
    const document = JSON.parse(await documentOf('spdx'))
    expect(document).to.include({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
    })
    expect(document.documentNamespace).to.match(/^urn:uuid:[0-9a-f-]{36}$/)
    expect(document.creationInfo.created).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const ids = document.packages.map((one: { SPDXID: string }) => one.SPDXID)
    expect(new Set(ids).size).to.equal(ids.length)
    for (const id of ids) expect(id).to.match(/^SPDXRef-[A-Za-z0-9.-]+$/)
    const named = document.relationships.map((one: { relatedSpdxElement: string }) => one.relatedSpdxElement)
    expect(named).to.have.members(ids)
    const licences = document.packages.map((one: { licenseDeclared: string }) => one.licenseDeclared)
    const given = document.hasExtractedLicensingInfos.map((one: { licenseId: string }) => one.licenseId)
    const used = licences.filter((licence: string) => licence.startsWith('LicenseRef-'))
    expect(given).to.have.members([...new Set(used)])
    expect(licences).to.include('GPL-2.0-only')
    expect(licences).not.to.include('GPLv3+')
  })

  it('lists every package with its package URL', async () => {
    const { components } = JSON.parse(await documentOf('cyclonedx'))
    const urls: string[] = components.map(({ purl }: { purl?: string }) => purl)
    expect(urls).to.include.members([
      'pkg:deb/debian/libc6@2.36-9+deb12u10?arch=amd64&distro=debian-12&upstream=glibc',
      'pkg:rpm/debian/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=debian-12&epoch=1&upstream=openssl',
      'pkg:npm/%40angular/core@17.3.1',
      'pkg:golang/golang.org/x/text@v0.3.7',
      'pkg:maven/org.slf4j/slf4j-api@1.7.36',
      'pkg:composer/monolog/monolog@2.9.1',
      'pkg:pypi/requests@2.28.1',
      'pkg:cargo/serde@1.0.200',
    ])
  })

  for (const format of ['cyclonedx', 'spdx'] as const)
    it(`has the same bytes for the same image, as ${format}`, async () => {
      const made = layout()
      const first = await documentOf(format, made)
      expect(await documentOf(format, made)).to.equal(first)
      // When the image was made, unless the environment says another time.
      expect(first).to.include('2016-04-15T12:30:45')
      process.env.SOURCE_DATE_EPOCH = '1700000000'
      const other = await documentOf(format, made)
      expect(other).to.include('2023-11-14T22:13:20')
      expect(idOf(other)).not.to.equal(idOf(first))
    })

  it('is written to a file, which is not overwritten unasked', async () => {
    const name = layout()
    const output = path.join(folder(), 'made.cdx.json')
    const request = { name, format: 'cyclonedx' as const, output, store: path.join(folder(), 'store') }
    await writeSbom({ ...request, whatIf: true })
    expect(existsSync(output)).to.equal(false)
    const written = await writeSbom(request)
    expect(written).to.include({ format: 'cyclonedx', size: readFileSync(output).length })
    await failure(writeSbom(request), 'FILE_EXISTS')
    writeFileSync(output, 'other')
    await writeSbom({ ...request, force: true })
    expect(JSON.parse(readFileSync(output, 'utf8')).components.length).to.be.greaterThan(written.packages)
  })
})

function idOf(document: string): string {
  const { serialNumber, documentNamespace } = JSON.parse(document)
  return serialNumber ?? documentNamespace
}
