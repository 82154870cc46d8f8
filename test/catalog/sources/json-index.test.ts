import path from 'node:path'
import { expect } from 'chai'
import { IndexSource, parseCatalogIndex } from '../../../catalog/sources/json-index.js'
import { ContainerImageError, type Problem } from '../../../manifests/index.js'
import { Document } from '../ports.js'

const HEX = 'ab'.repeat(32)
const HTTPS = { location: 'https://files.example.com/images/index.json', insecure: false }
const STICK = { location: path.join(path.sep, 'media', 'usb', 'index.json'), insecure: false }
const NANO = {
  name: 'NanoServer',
  version: '10.0.14300.1010',
  summary: 'Nano Server',
  publisher: 'Microsoft',
  os: 'windows',
  architecture: 'amd64',
  osVersion: '10.0.14300.1010',
  url: 'NanoServer-10-0-14300-1010.tar',
  sha256: HEX,
  size: 123456,
}
const DEBIAN = {
  name: 'debian',
  version: '12.5',
  summary: '',
  os: 'linux',
  architecture: 'arm',
  variant: 'v7',
  reference: 'registry.example.com/base/debian:12.5',
  sha256: HEX,
}

function parse(document: unknown, place = HTTPS) {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  return parseCatalogIndex(Buffer.from(text), place, 'corp')
}

function index(...images: unknown[]) {
  return { schemaVersion: 1, images }
}

function problems(document: unknown, place = HTTPS): Problem[] {
  try {
    parse(document, place)
  } catch (error) {
    if (error instanceof ContainerImageError && error.code === 'INVALID_DOCUMENT')
      return error.details?.problems as Problem[]
    throw error
  }
  throw new Error('the document was taken')
}

function places(document: unknown, place = HTTPS): string[] {
  return problems(document, place).map((problem) => problem.where)
}

describe('an index as a source', () => {
  it('reads a file beside it, pinned by the index', () => {
    expect(parse(index(NANO)).entries).to.deep.equal([
      {
        name: 'NanoServer',
        version: '10.0.14300.1010',
        platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.14300.1010' },
        summary: 'Nano Server',
        source: 'corp',
        publisher: 'Microsoft',
        size: 123456,
        location: {
          kind: 'url',
          url: 'https://files.example.com/images/NanoServer-10-0-14300-1010.tar',
          sha256: HEX,
          size: 123456,
        },
      },
    ])
  })

  it('reads a file on the same stick', () => {
    expect(parse(index({ ...NANO, url: 'sub/a.tar' }), STICK).entries[0]?.location).to.deep.equal({
      kind: 'path',
      path: path.join(path.sep, 'media', 'usb', 'sub', 'a.tar'),
      sha256: HEX,
      size: 123456,
    })
  })

  it('pins an image of a registry by the digest', () => {
    const [entry] = parse(index(DEBIAN)).entries
    expect(entry).to.deep.include({
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      digest: `sha256:${HEX}`,
      location: { kind: 'registry', reference: `registry.example.com/base/debian:12.5@sha256:${HEX}` },
    })
  })

  it('takes the hash as PowerShell prints it, and the names that uname prints', () => {
    const [entry] = parse(
      index({ ...DEBIAN, architecture: 'aarch64', variant: undefined, sha256: HEX.toUpperCase() }),
    ).entries
    expect(entry?.digest).to.equal(`sha256:${HEX}`)
    expect(entry?.platform).to.deep.equal({ os: 'linux', architecture: 'arm64' })
  })

  it('reads a file that Windows PowerShell wrote', () => {
    expect(parse(`\ufeff${JSON.stringify(index(NANO))}`).entries).to.have.length(1)
  })

  it('names every fault at once, and where it is', () => {
    const wrong = {
      name: 'a b',
      version: '../1',
      summary: 7,
      publisher: 'two\nlines',
      os: 'Windows Server',
      architecture: '',
      osVersion: '10.0',
      sha256: 'abc',
      size: -1,
      url: 'x.tar',
      sha512: 'x',
    }
    expect(places({ schemaVersion: 2, images: [wrong], extra: 1 })).to.deep.equal([
      'schemaVersion',
      'extra',
      'images[0].sha512',
      'images[0].name',
      'images[0].version',
      'images[0].summary',
      'images[0].publisher',
      'images[0].osVersion',
      'images[0].os',
      'images[0].architecture',
      'images[0].sha256',
      'images[0].size',
    ])
  })

  it('wants either a reference or a URL', () => {
    expect(places(index({ ...DEBIAN, reference: undefined }))).to.deep.equal(['images[0]'])
    expect(places(index({ ...DEBIAN, url: 'x.tar', size: 1 }))).to.deep.equal(['images[0]'])
  })

  it('wants the size of a file', () => {
    expect(places(index({ ...NANO, size: undefined }))).to.deep.equal(['images[0].size'])
    expect(parse(index(DEBIAN)).entries[0]).not.to.have.property('size')
  })

  it('refuses a reference that is pinned to another digest', () => {
    const reference = `registry.example.com/base/debian@sha256:${'cd'.repeat(32)}`
    expect(places(index({ ...DEBIAN, reference }))).to.deep.equal(['images[0].reference'])
  })

  it('refuses the same image twice', () => {
    const [problem] = problems(index(DEBIAN, { ...DEBIAN, name: 'Debian' }))
    expect(problem).to.include({ where: 'images[1]' })
    expect(problem?.found).to.contain('images[0]')
  })

  for (const document of [
    '',
    '{',
    'null',
    '7',
    '"x"',
    '{"schemaVersion":1}',
    '{"schemaVersion":1,"images":{}}',
    '[1]',
  ])
    it(`refuses ${JSON.stringify(document)}`, () => {
      expect(problems(document)).not.to.deep.equal([])
    })

  it('does not list faults without end', () => {
    expect(problems(index(...Array.from({ length: 10_000 }, () => ({})))).length).to.be.lessThan(100)
  })

  const escapes = [
    '../a.tar',
    'a/../../b.tar',
    '/etc/passwd',
    'C:\\x.tar',
    'c:x.tar',
    '\\\\server\\share\\x.tar',
    'a\\..\\..\\b',
    'con',
    'NUL.tar',
    'a:b',
    'x.',
    'x. /y',
    'file:///etc/passwd',
    '',
  ]
  for (const url of escapes)
    it(`refuses the path ${JSON.stringify(url)} (zip-slip, CVE-2025-23084)`, () => {
      expect(places(index({ ...NANO, url }), STICK)).to.deep.equal(['images[0].url'])
    })

  const remote = [
    'http://files.example.com/x.tar',
    'file:///etc/passwd',
    '\\\\server\\share\\x.tar',
    '/etc/passwd',
    'a\\b',
    'ftp://h/x',
    'https://user:pass@h/x',
    'javascript:1',
  ]
  for (const url of remote)
    it(`refuses ${url} in an index from the network`, () => {
      expect(places(index({ ...NANO, url }), HTTPS)).to.deep.equal(['images[0].url'])
    })

  it('allows plain http to this machine, and elsewhere where the user does', () => {
    const local = { location: 'http://127.0.0.1:8080/index.json', insecure: false }
    expect(parse(index(NANO), local).entries[0]?.location).to.include({ kind: 'url', insecure: true })
    const plain = { location: 'http://files.example.com/index.json', insecure: true }
    expect(parse(index(NANO), plain).entries[0]?.location).to.include({ insecure: true })
  })

  it('never shows the signature of a URL', () => {
    const signed = index({ ...NANO, url: 'http://files.example.com/x.tar?sig=SECRET' })
    expect(JSON.stringify(problems(signed)))
      .to.contain('files.example.com')
      .and.not.contain('SECRET')
  })

  it('reads once, asks for what is allowed, and matches names', async () => {
    const reader = new Document(JSON.stringify(index(NANO, DEBIAN)))
    const source = new IndexSource({ name: 'corp', location: HTTPS.location }, reader)
    const { entries } = await source.entries(['nano*'], {})
    expect(entries.map((entry) => entry.name)).to.deep.equal(['NanoServer'])
    expect(await source.names({})).to.deep.equal(['NanoServer', 'debian'])
    expect(reader.asked).to.deep.equal([{ location: HTTPS.location, limit: 16 * 1024 * 1024 }])
  })

  it('refuses plain http, and what the reader refuses', async () => {
    const plain = { name: 'corp', location: 'http://files.example.com/index.json' }
    expect(() => new IndexSource(plain, new Document('')))
      .to.throw()
      .with.property('code', 'SOURCE_INSECURE')
    const failure = new ContainerImageError('DOCUMENT_TOO_LARGE', 'x')
    let caught: unknown
    await new IndexSource({ name: 'corp', location: HTTPS.location }, new Document(failure))
      .entries([], {})
      .catch((e) => {
        caught = e
      })
    expect(caught).to.equal(failure)
  })

  it('refuses what is larger than an index may be', () => {
    const large = Buffer.alloc(16 * 1024 * 1024 + 1, ' ')
    large.write('[]', large.length - 2)
    expect(() => parseCatalogIndex(large, HTTPS, 'corp'))
      .to.throw()
      .with.property('code', 'DOCUMENT_TOO_LARGE')
  })
})

describe('the original provider’s index', () => {
  const item = {
    Name: 'NanoServer',
    Version: '10.0.10586.0',
    Description: 'Container OS Image of Windows Server 2016 Technical Preview 4 : Nano Server Installation',
    SasToken: 'https://files.example.com/c/CBaseOs_amd64fre_NanoServer_en-us.wim?sv=1&sig=SECRET',
  }

  it('gives images of Windows at their URLs, and says that it has no hash', () => {
    const { entries, notes } = parse([item])
    expect(entries).to.deep.equal([
      {
        name: 'NanoServer',
        version: '10.0.10586.0',
        platform: { os: 'windows', architecture: 'amd64' },
        summary: item.Description,
        source: 'corp',
        location: { kind: 'url', url: item.SasToken },
      },
    ])
    expect(notes.join()).to.contain('no SHA-256')
  })

  it('reads its keys without regard to case, and does without a description', () => {
    const { entries } = parse([{ name: 'X', VERSION: '1.0', sastoken: 'https://h/x.wim' }])
    expect(entries[0]).to.include({ name: 'X', version: '1.0', summary: '' })
  })

  it('takes paths and shares where it is a file itself, and nowhere else', () => {
    const share = [{ ...item, SasToken: '\\\\server\\share\\NanoServer.wim' }]
    expect(parse(share, STICK).entries[0]?.location).to.deep.equal({
      kind: 'path',
      path: '\\\\server\\share\\NanoServer.wim',
    })
    const { entries, notes } = parse(share)
    expect(entries).to.deep.equal([])
    expect(notes).to.deep.equal([
      'Source corp: NanoServer 10.0.10586.0 is left out: an index from the network names no paths.',
    ])
  })

  it('leaves plain http out, and does not show the signature', () => {
    const { entries, notes } = parse([
      { ...item, SasToken: 'http://files.example.com/x.wim?sig=SECRET' },
      item,
    ])
    expect(entries).to.have.length(1)
    expect(notes[0]).to.equal('Source corp: NanoServer 10.0.10586.0 is left out: plain http is not allowed.')
    expect(notes.join()).not.to.contain('SECRET')
  })

  it('names every fault, and never a SasToken', () => {
    const wrong = [{ Name: '', Version: 'x', Description: 1, SasToken: ['SECRET'] }, 7]
    expect(places(wrong)).to.deep.equal(['[0].Name', '[0].Version', '[0].Description', '[0].SasToken', '[1]'])
    expect(JSON.stringify(problems(wrong))).not.to.contain('SECRET')
  })
})
