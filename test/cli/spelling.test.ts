import { expect } from 'chai'
import { parse } from '../../cli/parsing/parse.js'

/** The same command line in PowerShell's spelling and in kebab-case. */
const SAME: [string[], string[]][] = [
  [['Find-ContainerImage'], ['find']],
  [
    ['FIND-containerimage', '-NAME', 'NanoServer'],
    ['find', 'NanoServer'],
  ],
  [
    ['find', '-Name', 'a,b', '-AllVersions'],
    ['find', 'a', 'b', '--all-versions'],
  ],
  [
    ['find', '-Name', 'a,', 'b', '-Json'],
    ['find', 'a,b', '--json'],
  ],
  [
    ['find', '-Name', 'a', ',b'],
    ['find', 'a', 'b'],
  ],
  [
    ['find', '-Name', 'a', 'b', 'c'],
    ['find', 'a', 'b', 'c'],
  ],
  [
    ['find', 'x', '-Ver', '10.0.14300.1010'],
    ['find', 'x', '--required-version', '10.0.14300.1010'],
  ],
  [
    ['find', 'x', '-Version', '10.0'],
    ['find', 'x', '--version', '10.0'],
  ],
  [
    ['find', 'x', '-Min', '1.0', '-max:2.0'],
    ['find', 'x', '--minimum-version=1.0', '--maximum-version', '2.0'],
  ],
  [
    ['find', '-source:C:\\images', '-q'],
    ['find', '--source', 'C:\\images', '--quiet'],
  ],
  [
    ['save', '-Name', 'NanoServer', '-RequiredVersion', '10.0', '-Path', './usb', '-Force'],
    ['save', 'NanoServer', '--required-version', '10.0', '--path', './usb', '--force'],
  ],
  [
    ['Save-ContainerImage', 'x', '-LiteralPath', './usb', '-Force:$true'],
    ['save', 'x', '--path', './usb', '--force=true'],
  ],
  [
    ['save', 'x', '-Path:./usb', '-Force:$false', '-WhatIf', '-Confirm:$False'],
    ['save', 'x', '--path=./usb', '--force=false', '--what-if', '--confirm=false'],
  ],
  [
    ['save', 'x', '-Path', 'p', '-Force:', '$true', '-Insecure:True'],
    ['save', 'x', '--path', 'p', '--force', '--insecure'],
  ],
  [
    ['save', 'x', '-Destination', 'p', '-AllPlatforms', '-wi', '-vb'],
    ['save', 'x', '--path', 'p', '--all-platforms', '--what-if', '--verbose'],
  ],
  [
    ['save', 'x', '-Path', 'p', '-AllowForeignHost', 'a.example,b.example'],
    ['save', 'x', '--path', 'p', '--allow-foreign-host', 'a.example', '--allow-foreign-host', 'b.example'],
  ],
  [
    ['Install-ContainerOSImage', '-WimPath', './x.wim', '-Force'],
    ['install', '--wim-path', './x.wim', '-f'],
  ],
  [
    ['Install-ContainerImage', '-Name', 'NanoServer', '-NoLatest'],
    ['install', 'NanoServer', '--no-latest'],
  ],
  [
    ['install', '-Path', './root.tar', '-ImageName', 'debian', '-Version', '12.5'],
    ['install', './root.tar', '--name', 'debian', '--version', '12.5'],
  ],
  [
    ['Uninstall-ContainerOSImage', '-FullName', 'CN=Microsoft_NanoServer_10.0', '-Force'],
    ['uninstall', '--full-name', 'CN=Microsoft_NanoServer_10.0', '--force'],
  ],
  [
    ['Uninstall-ContainerImage', 'x', '-RequiredVersion', '1.0'],
    ['uninstall', 'x', '--version', '1.0'],
  ],
  [
    ['tag', '-To', 'b:1', '-From', 'a:1'],
    ['tag', 'a:1', 'b:1'],
  ],
  [
    ['tag', 'b:1', '-From', 'a:1'],
    ['tag', 'a:1', 'b:1'],
  ],
  [
    ['-Store', './s', 'Get-ContainerImage', '-Name', 'a*'],
    ['--store', './s', 'get', 'a*'],
  ],
  [
    ['source', 'add', '-Location', 'http://localhost:5000', '-Name', 'lab', '-TagRule', '^v'],
    ['source', 'add', 'lab', 'http://localhost:5000', '--tag-rule', '^v'],
  ],
  [
    ['config', 'set', '-Name', 'store', '-Value', ''],
    ['config', 'set', 'store', ''],
  ],
  [
    ['history', '-Name', 'a', '-NoTrunc'],
    ['history', '--no-trunc', 'a'],
  ],
]

describe('the two spellings of a command line', () => {
  for (const [pascal, kebab] of SAME)
    it(`mean the same: ${pascal.join(' ')}`, async () => {
      const [one, other] = [await read(pascal), await read(kebab)]
      expect(one).to.deep.equal(other)
      expect(one.path).to.have.length.greaterThan(0)
    })

  it('give what was written, and not only the same', async () => {
    const { path, values } = await read([
      'Save-ContainerImage',
      'a,b',
      '-Pa',
      'x',
      '-Ver:1.0',
      '-Force:$false',
    ])
    expect(path).to.deep.equal(['save'])
    expect(values).to.deep.equal({ name: ['a', 'b'], path: 'x', 'required-version': '1.0', force: false })
  })

  it('mean the same when the program itself has the name of a cmdlet', async () => {
    const named = await parse(['-Name', 'x', '-Path', 'p'], { verb: 'save' })
    expect(named).to.deep.equal(await parse(['save', 'x', '--path', 'p']))
  })
})

async function read(words: string[]): Promise<{ path: string[]; values: Record<string, unknown> }> {
  const parsed = await parse(words)
  if ('text' in parsed) throw new Error(`${words.join(' ')} is answered with text`)
  return { path: parsed.arguments.path, values: parsed.arguments.values }
}
