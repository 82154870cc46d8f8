import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { MEDIA_FILE } from '../../../../manifests/index.js'
import { mediaRemove, save, verify } from '../../../../provider/index.js'
import { addLayered } from '../../../fixtures/layered-image.js'
import { tar } from '../../../fixtures/tar.js'
import { scratch } from '../../../scratch.js'
import { DPKG_STATUS } from '../../inside/packages/samples.js'
import { failure } from '../failure.js'

const { folder, remove } = scratch()

function layout(): string {
  const made = path.join(folder(), 'layout')
  const layer = tar({ name: 'var/lib/dpkg/status', bytes: DPKG_STATUS })
  addLayered(made, { name: 'made', version: '1.0', layers: [{ tar: layer, form: 'gzip' }] })
  return made
}

function namesIn(file: string): string[] {
  const { components } = JSON.parse(readFileSync(file, 'utf8'))
  return components.map(({ name }: { name: string }) => name)
}

describe('a save with the packages of its images', () => {
  after(remove)

  for (const format of ['oci-archive', 'docker-archive'] as const)
    it(`lists them in a file beside the ${format}`, async () => {
      const [name, target] = [layout(), folder()]
      const request = { names: [name], path: target, format, sbom: true, store: path.join(folder(), 'store') }
      const { files } = await save(request)
      const [archive, sbom] = files.map((file) => path.basename(file.path))
      expect(sbom).to.equal(archive?.replace('.tar', '.cdx.json'))
      const file = path.join(target, sbom ?? '')
      expect(namesIn(file)).to.deep.equal(['bsdutils', 'libc6', 'waiting'])
      expect(files[1]).to.include({ size: readFileSync(file).length })
      // Where it was made is nobody's business.
      expect(readFileSync(file, 'utf8')).not.to.include(path.dirname(name))
    })

  it('lists them on a media, whose list has the file', async () => {
    const [name, target, store] = [layout(), path.join(folder(), 'media'), path.join(folder(), 'store')]
    mkdirSync(target)
    await save({ names: [name], path: target, format: 'media', sbom: true, store })
    const { files } = JSON.parse(readFileSync(path.join(target, MEDIA_FILE), 'utf8'))
    const listed = files
      .map((file: { path: string }) => file.path)
      .find((file: string) => file.endsWith('.cdx.json'))
    expect(namesIn(path.join(target, listed))).to.deep.equal(['bsdutils', 'libc6', 'waiting'])
    expect((await verify({ paths: [target], store })).ok).to.equal(true)
    // The next save keeps it in the list, and a change of it is found.
    await save({ names: [name], path: target, format: 'media', store })
    expect(readFileSync(path.join(target, MEDIA_FILE), 'utf8')).to.include(listed)
    writeFileSync(path.join(target, listed), '{}')
    expect((await verify({ paths: [target], store })).ok).to.equal(false)
  })

  it('takes it off the media with the last name of its image, and no other', async () => {
    const [target, store, made] = [path.join(folder(), 'media'), path.join(folder(), 'store'), layout()]
    mkdirSync(target)
    for (const version of ['1.0.1', '1.0.1-linux'])
      addLayered(made, { name: 'made', version, layers: [{ tar: tar({ name: 'a', bytes: version }) }] })
    await save({ names: [made], path: target, format: 'media', sbom: true, store })
    const sboms = (): string[] => readdirSync(target).filter((name) => name.endsWith('.cdx.json'))
    expect(sboms()).to.have.members(['made-1-0.cdx.json', 'made-1-0-1.cdx.json', 'made-1-0-1-linux.cdx.json'])
    await mediaRemove({ path: target, names: ['made:1.0'], store })
    expect(sboms()).to.have.members(['made-1-0-1.cdx.json', 'made-1-0-1-linux.cdx.json'])
    await mediaRemove({ path: target, names: ['made:1.0.1'], store })
    expect(sboms()).to.deep.equal(['made-1-0-1-linux.cdx.json'])
    expect((await verify({ paths: [target], store })).ok).to.equal(true)
  })

  it('lists them beside volumes, whether all are written or one, and beside a WIM', async () => {
    const [name, store] = [layout(), path.join(folder(), 'store')]
    const forms = [
      { volumeSize: 8_000_000 },
      { volumeSize: 8_000_000, onlyVolume: 1 },
      { format: 'wim' as const, path: path.join(folder(), 'made.wim') },
    ]
    for (const form of forms) {
      const { files } = await save({ names: [name], path: folder(), sbom: true, store, ...form })
      const sbom = files.at(-1)?.path ?? ''
      expect(path.basename(sbom)).to.equal('made-1-0.cdx.json')
      expect(namesIn(sbom)).to.deep.equal(['bsdutils', 'libc6', 'waiting'])
    }
    // A WIM that is kept as it is.
    const wim = { names: [forms[2]?.path ?? ''], path: folder(), sbom: true, store }
    const { files } = await save(wim)
    expect(files.map((file) => path.extname(file.path))).to.deep.equal(['.wim', '.json'])
    expect(namesIn(files[1]?.path ?? '')).to.deep.equal(['bsdutils', 'libc6', 'waiting'])
  })

  it('does not overwrite another file', async () => {
    const [name, target, store] = [layout(), folder(), path.join(folder(), 'store')]
    const request = { names: [name], path: target, sbom: true, store }
    const { files } = await save({ ...request, whatIf: true })
    expect(files).to.have.lengthOf(1)
    const sbom = files[0]?.path.replace('.tar', '.cdx.json') ?? ''
    expect(existsSync(sbom)).to.equal(false)
    writeFileSync(sbom, 'somebody else')
    await failure(save(request), 'FILE_EXISTS')
    expect(readFileSync(sbom, 'utf8')).to.equal('somebody else')
    await save({ ...request, force: true })
    expect(namesIn(sbom)).to.have.lengthOf(3)
  })
})
