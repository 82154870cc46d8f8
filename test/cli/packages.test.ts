import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { addLayered } from '../fixtures/layered-image.js'
import { tar } from '../fixtures/tar.js'
import { DPKG_STATUS } from '../provider/inside/packages/samples.js'
import { addReferrer } from '../provider/verbs/signed.js'
import { scratch } from '../scratch.js'
import { type Ended, run } from './command/run.js'

const { folder, remove } = scratch()
const SBOM = JSON.stringify({
  bomFormat: 'CycloneDX',
  components: [{ purl: 'pkg:npm/left-pad@1.3.0' }, { purl: 'pkg:npm/gone@1.0.0' }],
})

describe('the command packages', () => {
  let home: string
  const inStore = (...words: string[]): Promise<Ended> => run([...words, '--store', path.join(home, 'store')])

  beforeEach(async () => {
    home = folder()
    const below = tar(
      { name: 'etc/os-release', bytes: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n' },
      { name: 'var/lib/dpkg/status', bytes: DPKG_STATUS },
    )
    const licence = Array.from({ length: 20 }, (_, i) => `LICENCE-${i}`).join(' OR ')
    const manifest = { name: 'left-pad', version: '1.3.0', license: licence }
    const above = tar(
      { name: 'srv/node_modules/left-pad/package.json', bytes: JSON.stringify(manifest) },
      { name: 'srv/node_modules/evil/package.json', bytes: '{"name":"\\u001b[31mred","version":"1"}' },
      { name: 'srv/node_modules/broken/package.json', bytes: '{' },
    )
    const layout = path.join(home, 'layout')
    const layers = [{ tar: below, form: 'gzip' as const }, { tar: above }]
    addReferrer(
      layout,
      addLayered(layout, { name: 'app', version: '1.0', layers }),
      SBOM,
      'application/vnd.cyclonedx+json',
    )
    expect((await inStore('install', layout)).code).to.equal(0)
  })
  afterEach(remove)

  it('prints a table, what could not be read, and what goes with the image', async () => {
    const { out, code } = await inStore('packages', 'app')
    expect(code).to.equal(0)
    expect(out).to.match(
      /^app:1\.0: Debian GNU\/Linux 12, 5 packages\n\nNAME +VERSION +KIND +LICENCE +LAYER\n/,
    )
    expect(out).to.match(/^libc6 +2\.36-9\+deb12u10 +deb +1$/m)
    expect(out).to.match(/^left-pad +1\.3\.0 +npm +LICENCE-0 OR [^\n]*\.\.\. +2$/m)
    expect(out).to.contain(
      '/srv/node_modules/broken/package.json of layer 2 cannot be read as a whole: it is not JSON',
    )
    expect(out).to.match(/^SBOM [0-9a-f]{12} \(cyclonedx\) goes with it: 2 packages, 1 of them found here$/m)
    expect(out).to.contain('only in the SBOM: pkg:npm/gone@1.0.0')
    expect(out).not.to.contain('\u001b[31m')
  })

  it('prints one document with --json, and only the kinds that were asked for', async () => {
    const { out } = await inStore('packages', 'app', '--kind', 'npm', '--json')
    const { packages, distribution, carried } = JSON.parse(out)
    expect(packages.map(({ kind }: { kind: string }) => kind)).to.deep.equal(['npm', 'npm'])
    expect(distribution).to.include({ id: 'debian', version: '12' })
    // What was not asked for is no difference.
    expect(carried[0].onlyHere).to.include('pkg:deb/debian/libc6@2.36-9+deb12u10')
    expect((await inStore('packages', 'app', '--kind', 'none')).code).to.equal(2)
  })

  it('writes an SBOM to standard output, or to a file', async () => {
    const { out } = await inStore('packages', 'app', '--sbom', 'spdx')
    expect(JSON.parse(out)).to.include({ spdxVersion: 'SPDX-2.3', name: 'app:1.0' })
    const file = path.join(home, 'app.cdx.json')
    await inStore('packages', 'app', '--sbom', 'cyclonedx', '--output', file, '--what-if')
    expect(existsSync(file)).to.equal(false)
    const written = await inStore('packages', 'app', '--sbom', 'cyclonedx', '--output', file)
    expect(written.out + written.err).to.contain('5 packages of app:1.0, cyclonedx')
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.include({ bomFormat: 'CycloneDX', specVersion: '1.6' })
    expect((await inStore('packages', 'app', '--sbom', 'spdx', '--output', file)).err).to.contain(
      'FILE_EXISTS',
    )
  })

  it('refuses --output without a format', async () => {
    const { code, err } = await inStore('packages', 'app', '--output', path.join(home, 'x'))
    expect(code).to.equal(2)
    expect(err).to.contain('--sbom')
  })
})
