import { expect } from 'chai'
import {
  checkVersionParameters,
  refuseWildcards,
  type VersionParameters,
} from '../../catalog/version-parameters.js'
import { ContainerImageError } from '../../manifests/index.js'
import { refusal as refused } from '../manifests/refusal.js'

function refusal(parameters: VersionParameters, names: string[] = ['X']): ContainerImageError {
  try {
    checkVersionParameters(parameters, names)
  } catch (error) {
    if (error instanceof ContainerImageError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('version parameters', () => {
  it('means the newest where none is given', () => {
    expect(checkVersionParameters({})).to.deep.equal({ kind: 'newest' })
    expect(checkVersionParameters({ allVersions: false })).to.deep.equal({ kind: 'newest' })
  })

  const combinations: [title: string, parameters: VersionParameters, words: string][] = [
    [
      'AllVersions with RequiredVersion',
      { allVersions: true, requiredVersion: '1.0' },
      'You cannot use the parameter AllVersions with RequiredVersion, MinimumVersion or MaximumVersion in the same command.',
    ],
    [
      'AllVersions with MaximumVersion',
      { allVersions: true, maximumVersion: '1.0' },
      'You cannot use the parameter AllVersions with RequiredVersion, MinimumVersion or MaximumVersion in the same command.',
    ],
    [
      'RequiredVersion with MinimumVersion',
      { requiredVersion: '1.0', minimumVersion: '1.0' },
      'You cannot use the parameters RequiredVersion and either MinimumVersion or MaximumVersion in the same command.',
    ],
    [
      'RequiredVersion with MaximumVersion',
      { requiredVersion: '1.0', maximumVersion: '2.0' },
      'You cannot use the parameters RequiredVersion and either MinimumVersion or MaximumVersion in the same command.',
    ],
    [
      'a minimum above the maximum',
      { minimumVersion: '10.0.14300.1010', maximumVersion: '10.0.9999.1' },
      "The specified MinimumVersion '10.0.14300.1010' is greater than the specified MaximumVersion '10.0.9999.1'",
    ],
  ]
  for (const [title, parameters, words] of combinations)
    it(`refuses ${title} in the words of PowerShell`, () => {
      const error = refusal(parameters)
      expect(error.code).to.equal('VERSION_PARAMETERS')
      expect(error.message).to.equal(words)
      expect(error.exitCode).to.equal(2)
    })

  for (const names of [[], [' ']])
    it(`wants a name beside a bound (${JSON.stringify(names)})`, () => {
      const error = refusal({ minimumVersion: '1.0' }, names)
      expect(error.code).to.equal('VERSION_PARAMETERS')
      expect(error.message).to.equal(
        'Name is required when either MinimumVersion or MaximumVersion parameter is used',
      )
    })

  it('takes equal bounds that are written differently', () => {
    const choice = checkVersionParameters({ minimumVersion: '10.0.0.0', maximumVersion: '10.0' }, ['X'])
    expect(choice.kind).to.equal('range')
  })

  for (const parameters of [
    { minimumVersion: 'ltsc2022' },
    { maximumVersion: '.5' },
    { requiredVersion: '' },
    { requiredVersion: 'a b' },
    { requiredVersion: '../x' },
  ])
    it(`refuses ${JSON.stringify(parameters)} as no version`, () => {
      const error = refusal(parameters)
      expect(error.code).to.equal('INVALID_VERSION')
      expect(error.expected).to.contain('two to four numbers')
    })

  it('takes a version, a tag and a pattern as required', () => {
    expect(checkVersionParameters({ requiredVersion: '10.0' }).kind).to.equal('exact')
    expect(checkVersionParameters({ requiredVersion: 'ltsc2022' })).to.deep.equal({
      kind: 'exact',
      text: 'ltsc2022',
    })
    expect(checkVersionParameters({ requiredVersion: '10.0.20348.*' }).kind).to.equal('wildcard')
  })

  for (const [name, isOfFiles] of Object.entries({
    '*.tar': true,
    './usb/*': true,
    'usb\\*.wim': true,
    'debian*': false,
    '10.0.*': false,
    'a.b/base/*': false,
  }))
    it(`advises ${isOfFiles ? 'to name files' : 'to find the name'} instead of ${name}`, () => {
      const { remedy } = refused(() => refuseWildcards([name]), 'WILDCARD_REFUSED')
      expect(remedy).to.contain(isOfFiles ? 'give the folder' : '`find`')
    })

  it('refuses wildcards in a name to save or install, in the words of PowerShell', () => {
    expect(() => refuseWildcards(['debian', 'Nano*']))
      .to.throw(
        "The specified name 'Nano*' should not contain any wildcard characters, please correct it and try again.",
      )
      .with.property('code', 'WILDCARD_REFUSED')
    expect(() => refuseWildcards(['debian', 'library/debian'])).not.to.throw()
  })
})
