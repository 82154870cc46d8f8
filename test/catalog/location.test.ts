import { expect } from 'chai'
import { parseLocation } from '../../catalog/location.js'
import { isLoopback } from '../../catalog/loopback.js'
import { ContainerImageError } from '../../manifests/index.js'

function failure(location: string, options = {}): ContainerImageError {
  try {
    parseLocation(location, options)
  } catch (error) {
    if (error instanceof ContainerImageError) return error
    throw error
  }
  throw new Error(`${location} was taken`)
}

describe('the kind of a location', () => {
  const kinds: [location: string, kind: string][] = [
    ['https://registry.example.com', 'registry'],
    ['https://registry.example.com:5000/team/images/', 'registry'],
    ['http://127.0.0.1:5000', 'registry'],
    ['http://localhost:5000', 'registry'],
    ['http://[::1]:5000', 'registry'],
    ['https://files.example.com/images/index.json', 'index'],
    ['https://go.microsoft.com/fwlink/?LinkID=746630&clcid=0x409', 'index'],
    ['./images.json', 'index'],
    ['images.JSON', 'index'],
    ['/media/usb', 'folder'],
    ['./usb', 'folder'],
    ['..', 'folder'],
    ['~/images', 'folder'],
    ['E:\\', 'folder'],
    ['E:', 'folder'],
    ['\\\\server\\share', 'folder'],
    ['\\\\server\\share\\index.json', 'index'],
  ]
  for (const [location, kind] of kinds)
    it(`${location} is a ${kind}`, () => {
      expect(parseLocation(location).kind).to.equal(kind)
    })

  it('reads host and prefix of a registry', () => {
    expect(parseLocation('https://Registry.example.com:5000/team/images/')).to.deep.equal({
      kind: 'registry',
      registry: 'registry.example.com:5000',
      prefix: 'team/images',
      insecure: false,
    })
  })

  it('takes the kind that the user names', () => {
    expect(parseLocation('https://files.example.com/images', { type: 'index' }).kind).to.equal('index')
    expect(parseLocation('stick', { type: 'folder' }).kind).to.equal('folder')
    expect(failure('/media/usb', { type: 'registry' }).code).to.equal('SOURCE_INVALID')
    expect(failure('https://files.example.com', { type: 'folder' }).code).to.equal('SOURCE_INVALID')
  })

  const invalid = [
    '',
    ' ',
    'stick',
    'registry.example.com',
    'localhost:5000',
    'ftp://files.example.com/index.json',
    'file:///etc/passwd',
    'https://',
    'https://registry.example.com/UPPER case',
    'https://registry.example.com/a#b',
  ]
  for (const location of invalid)
    it(`${JSON.stringify(location)} is none`, () => {
      expect(failure(location).code).to.equal('SOURCE_INVALID')
    })

  it('refuses plain http to another host, unless it is allowed', () => {
    const error = failure('http://registry.example.com')
    expect(error.code).to.equal('SOURCE_INSECURE')
    expect(error.remedy).to.contain('`insecure`')
    expect(failure('http://files.example.com/index.json').code).to.equal('SOURCE_INSECURE')
    expect(parseLocation('http://registry.example.com', { insecure: true })).to.have.property(
      'insecure',
      true,
    )
  })

  it('is not fooled by names that only begin like this machine’s', () => {
    for (const host of ['localhost.example.com', '127.0.0.1.example.com', '127.1', '128.0.0.1', '0.0.0.0'])
      expect(isLoopback(host), host).to.equal(false)
    expect(failure('http://localhost.example.com:5000').code).to.equal('SOURCE_INSECURE')
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.9.9.9', '[::1]'])
      expect(isLoopback(host), host).to.equal(true)
  })

  it('refuses a password in a location and shows neither it nor a signature', () => {
    const error = failure('https://user:SECRET@registry.example.com/x')
    expect(error.code).to.equal('SOURCE_INVALID')
    expect(error.remedy).to.contain('log in with `login')
    const signed = failure('ftp://files.example.com/index?sig=SECRET')
    const authority = failure('ftp://user:SECRET@files.example.com/')
    for (const e of [error, signed, authority])
      expect(JSON.stringify([e.message, e.found, e.remedy, e.details])).not.to.contain('SECRET')
  })
})
