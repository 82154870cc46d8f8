import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { runCommandLine } from '../../cli/run-command-line.js'
import { blobPath } from '../../manifests/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { scratch } from '../scratch.js'
import { type Ended, run } from './command/run.js'

const { folder, remove } = scratch()

describe('the command line with a store', () => {
  let home: string
  let stick: string
  let settings: string | undefined

  const inStore = (line: string, input?: { answer: string }): Promise<Ended> =>
    run([...line.split(' '), '--store', path.join(home, 'store')], input)

  before(() => {
    settings = process.env.CONTAINERIMAGE_CONFIG_DIR
    home = folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
    stick = path.join(home, 'stick')
    mkdirSync(stick)
    makeLayout(path.join(stick, 'layout'), [
      { refName: 'debian:12.4', layers: [{ files: { a: 'base' } }, { files: { old: 3000 } }] },
      { refName: 'debian:12.5', layers: [{ files: { a: 'base' } }, { files: { new: 3000 } }] },
    ])
  })
  after(() => {
    if (settings === undefined) delete process.env.CONTAINERIMAGE_CONFIG_DIR
    else process.env.CONTAINERIMAGE_CONFIG_DIR = settings
    remove()
  })

  it('registers a source and shows it', async () => {
    const added = await inStore(`source add stick ${stick}`)
    expect(added).to.deep.equal({ code: 0, out: `Added the folder stick at ${stick}.\n`, err: '' })
    const listed = await inStore('source list')
    expect(listed.out).to.match(/^Name {6}Type {6}Location\n---- {6}---- {6}--------\nstick {5}folder {4}\S/)
    expect(listed.out).to.contain(stick)
    const again = await inStore(`source add stick ${stick} --json`)
    expect(again.code).to.equal(2)
    expect(JSON.parse(again.err).error.code).to.equal('SOURCE_EXISTS')
    expect(again.out).to.equal('')
  })

  it('finds the newest version, and all of them', async () => {
    const { code, out } = await inStore('find debian --source stick')
    expect(code).to.equal(0)
    expect(out.split('\n')[2]).to.match(/^debian +12\.5 +stick/)
    const all = await inStore('find -Name debian -AllVersions -Source stick -Json')
    const versions = JSON.parse(all.out).map((image: { version: string }) => image.version)
    expect(versions).to.deep.equal(['12.5', '12.4'])
    expect(JSON.parse(all.out)[0]).to.include.all.keys(['name', 'version', 'os', 'architecture', 'source'])
  })

  it('ends with 3 where nothing matches, and with the error as the last line for programs', async () => {
    const { code, out, err } = await inStore('find nothing-like-it --source stick --json')
    expect({ code, out }).to.deep.equal({ code: 3, out: '' })
    const { error } = JSON.parse(err.trimEnd().split('\n').at(-1) ?? '')
    expect(error).to.include.all.keys(['code', 'message', 'remedy'])
    expect(error.code).to.equal('NO_MATCH')
  })

  it('ends with 3 where a pattern matches nothing', async () => {
    const { code, out, err } = await inStore('find nothing-like-it* --source stick')
    expect({ code, out }).to.deep.equal({ code: 3, out: '' })
    expect(err).to.contain("package name 'nothing-like-it*'")
    expect((await inStore('find nothing-* --source stick -js')).err).to.match(/^\{"error":\{/)
  })

  it('says in PowerShell words what save would do, and does nothing', async () => {
    const file = path.join(home, 'debian.tar')
    const { code, out } = await inStore(`save debian --source stick --path ${file} -WhatIf`)
    expect(code).to.equal(0)
    expect(out).to.equal(
      `What if: Performing the operation "Save Package" on target "'debian' version '12.5' to location '${file}'".\n`,
    )
    expect(existsSync(file)).to.equal(false)
  })

  it('saves, and says what; with --quiet it says nothing', async () => {
    const file = path.join(home, 'debian.tar')
    const { code, out, err } = await inStore(`save debian --source stick --path ${file} --json`)
    expect(code, err).to.equal(0)
    const result = JSON.parse(out)
    expect(result).to.have.all.keys('images', 'files', 'fetchedBytes', 'reusedBytes')
    expect(result.files[0]).to.have.all.keys('path', 'size', 'sha256')
    expect(result.images[0]).to.have.all.keys('name', 'version', 'platform', 'digest', 'size')
    const again = await inStore(`save debian --source stick --path ${file} --force --quiet`)
    expect(again).to.deep.equal({ code: 0, out: '', err: '' })
    expect((await inStore(`save debian --source stick --path ${file}`)).code).to.be.oneOf([0, 5])
  })

  it('installs from a file, and says from which image to which latest moved', async () => {
    const first = await inStore('install debian --required-version 12.4 --source stick')
    expect(first.code, first.err).to.equal(0)
    expect(first.out).to.match(/^Installed debian 12\.4 \(linux\/amd64\)/)
    const would = await inStore(`Install-ContainerImage ${path.join(home, 'debian.tar')} -WhatIf`)
    expect(would.out).to.contain('"Install Package" on target "Package debian version 12.5 from ')
    const second = await inStore(`install ${path.join(home, 'debian.tar')}`)
    expect(second.out).to.contain('tagged debian:12.5, debian:latest')
    expect(second.out).to.match(/debian:latest moved from 12\.4 \([0-9a-f]{12}\) to 12\.5 \([0-9a-f]{12}\)/)
    const third = await inStore(`install ${path.join(home, 'debian.tar')} --json`)
    expect(JSON.parse(third.out)).to.have.all.keys('images', 'copiedBytes', 'reusedBytes')
    expect(JSON.parse(third.out).copiedBytes).to.equal(0)
  })

  it('shows no progress with --no-progress or --json', async () => {
    const line = `install debian --source stick --force`
    expect((await inStore(`${line} --no-progress`)).err).to.equal('')
    expect((await inStore(`${line} --json`)).err).to.equal('')
  })

  it("gets what is installed in docker's columns, and ids alone with --quiet", async () => {
    const { out } = await inStore('get')
    expect(out).to.match(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n/)
    expect(out).to.match(/debian +latest +[0-9a-f]{12} +3 weeks ago +\d/)
    expect((await inStore('images')).out).to.equal(out)
    expect((await inStore('get -q')).out).to.match(/^([0-9a-f]{12}\n){2}$/)
    const [row] = JSON.parse((await inStore('list debian --json')).out)
    expect(row).to.include.all.keys(
      ...['repository', 'tag', 'name', 'version', 'fullName', 'id', 'digest'],
      ...['created', 'size', 'os', 'architecture'],
    )
  })

  it('tags and untags', async () => {
    expect((await inStore('tag debian:12.5 base:1 --what-if')).out).to.match(/^What if: /)
    expect((await inStore('tag debian:12.5 base:1')).out).to.match(
      /^sha256:[0-9a-f]{64} is now also base:1\.\n$/,
    )
    expect((await inStore('untag base:1')).out).to.match(/^base:1 no longer names sha256:/)
    expect((await inStore('untag base:1')).code).to.equal(3)
  })

  it('shows the history and all that is known', async () => {
    const history = await inStore('history debian:12.5')
    expect(history.out).to.match(/^CREATED +CREATED BY +SIZE +COMMENT\n3 weeks ago +step 2 +/)
    const steps = JSON.parse((await inStore('history debian:12.5 --json')).out)
    expect(steps[0]).to.have.all.keys('created', 'createdBy', 'size', 'comment', 'emptyLayer')
    const inspected = JSON.parse((await inStore('inspect debian:12.5')).out)
    expect(inspected[0].manifest.layers).to.have.length(2)
  })

  it('asks with --confirm on a terminal, and takes everything but yes for no', async () => {
    const no = await inStore('uninstall debian --version 12.4 --confirm', { answer: 'n\n' })
    expect(no.code).to.equal(0)
    expect(no.err).to.contain('Performing the operation "Uninstall Package" on target "debian 12.4".')
    expect((await inStore('get debian:12.4 -q')).out).not.to.equal('')
    const refused = await inStore('uninstall debian --version 12.4 --confirm')
    expect(refused.code).to.equal(2)
    expect(refused.err).to.contain('Error USAGE: --confirm needs a terminal')
    expect((await inStore('get debian:12.4 -q')).out).not.to.equal('')
  })

  it('uninstalls after a yes, and says where latest went', async () => {
    const { code, out } = await inStore('uninstall debian --version 12.5 -Confirm', { answer: 'y\n' })
    expect(code).to.equal(0)
    expect(out).to.contain('Uninstalled debian 12.5')
    expect(out).to.match(/debian:latest is now 12\.4/)
    const again = await inStore('uninstall debian --version 12.5 --json')
    expect(again.code).to.equal(3)
    expect(JSON.parse(again.err).error.code).to.equal('NOT_INSTALLED')
  })

  it('ends with 4 where verify finds a problem, which is in its report and no error', async () => {
    expect((await inStore('verify')).out).to.match(/^Verified \d+ blobs, .*: all is well\.\n$/)
    const [image] = JSON.parse((await inStore('inspect debian')).out)
    const blob = path.join(home, 'store', blobPath(image.manifest.layers[0].digest))
    const bytes = readFileSync(blob)
    bytes[10] = (bytes[10] ?? 0) ^ 1
    const { chmodSync } = await import('node:fs')
    chmodSync(blob, 0o644)
    writeFileSync(blob, bytes)
    const { code, out, err } = await inStore('verify --no-progress')
    expect({ code, err }).to.deep.equal({ code: 4, err: '' })
    expect(out).to.match(/^DIGEST_MISMATCH .*\nVerified .*: 1 problem\.\n$/)
    const report = JSON.parse((await inStore('verify --json')).out)
    expect(report).to.have.all.keys('ok', 'blobs', 'bytes', 'problems')
    expect(report.ok).to.equal(false)
  })

  it('keeps settings, and shows them', async () => {
    expect((await inStore('config set platform linux/arm64')).out).to.equal('Set platform to linux/arm64.\n')
    expect((await inStore('config get platform')).out).to.equal('linux/arm64\n')
    expect(JSON.parse((await inStore('config list --json')).out)).to.deep.equal({ platform: 'linux/arm64' })
    expect((await run(['config', 'set', 'platform', ''])).out).to.equal('Set platform to nothing.\n')
    expect(JSON.parse((await inStore('config get platform --json')).out)).to.deep.equal({
      key: 'platform',
      value: null,
    })
    expect((await inStore('config path')).out).to.equal(`${path.join(home, 'settings', 'settings.json')}\n`)
    expect((await inStore('source remove stick')).out).to.contain('Removed the folder stick')
  })
})

describe('the command line that is stopped', () => {
  it('ends with 130 and says how to go on', async () => {
    const controller = new AbortController()
    controller.abort()
    const stderr = new PassThrough()
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {} }
    const words = ['verify', '--store', '/nonexistent', '--no-such-option']
    const code = await runCommandLine(words, { ...streams, signal: controller.signal })
    expect(code).to.equal(130)
    expect(String(stderr.read())).to.match(/^Error INTERRUPTED: .*\nRun the same command again/)
  })
})
