import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { install, save } from '../../provider/index.js'
import { tarOf } from '../fixtures/layout.js'
import { makeSample } from '../fixtures/sample.js'
import { scratch } from '../scratch.js'
import { type Ended, run } from './command/run.js'

describe('what a reader is told', () => {
  const { folder, remove } = scratch()
  let home: string
  let settings: string | undefined
  let sample: string
  before(() => {
    settings = process.env.CONTAINERIMAGE_CONFIG_DIR
    sample = makeSample(folder()).folder
  })
  beforeEach(() => {
    home = folder()
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(home, 'settings')
  })
  after(() => {
    if (settings === undefined) delete process.env.CONTAINERIMAGE_CONFIG_DIR
    else process.env.CONTAINERIMAGE_CONFIG_DIR = settings
    remove()
  })

  const store = (): string => path.join(home, 'store')
  const inStore = async (...words: string[]): Promise<Ended> => await run([...words, '--store', store()])
  const file = (name: string, content: Buffer | string): string => {
    const at = path.join(home, name)
    mkdirSync(path.dirname(at), { recursive: true })
    writeFileSync(at, content)
    return at
  }

  describe('of words that other tools have for a command', () => {
    for (const [word, here] of [
      ['image', 'containerimage ls'],
      ['Remove-ContainerImage', 'uninstall'],
      ['REMOVE', 'uninstall'],
      ['list-tags', 'tags'],
      ['/?', '--help'],
    ] as const)
      it(`${word} is told as ${here}`, async () => {
        const { code, err } = await run([word])
        expect(code).to.equal(2)
        expect(err).to.contain(here).and.not.contain('Did you mean')
      })

    it('nothing is made up for names of JavaScript', async () => {
      for (const word of ['constructor', 'toString', '__proto__'])
        expect((await run([word])).err).to.contain('There is no command')
    })
  })

  describe('of commands that have commands', () => {
    for (const [word, names] of [
      ['media', 'status, remove, prune or sign'],
      ['trust', 'add, list or remove'],
      ['receipt', 'show or verify'],
      ['source', 'add, list or remove'],
      ['config', 'get, set, list or path'],
    ] as const)
      it(`${word} alone names them`, async () => {
        const { code, err } = await run([word])
        expect(code).to.equal(2)
        expect(err).to.contain(`${word} needs a command: ${names}.`)
      })
  })

  describe('of parameters', () => {
    it('that are ambiguous, by the names that were begun', async () => {
      const { err } = await run(['save', 'x', '-v', '12'])
      expect(err).to.contain('-Version').and.contain('-Verbose').and.not.contain('-RequiredVersion')
    })

    it('of one letter, without guesses', async () => {
      for (const words of [
        ['get', '-z'],
        ['verify', '-k'],
        ['install', 'x', '-b'],
      ])
        expect((await run(words)).err).not.to.contain('Did you mean')
    })

    it('that docker has are taken: images -a, load -i, save -o', async () => {
      expect((await inStore('images', '-a')).code).to.equal(0)
      expect((await inStore('load', '-i', './nowhere.tar')).err).to.contain('nowhere.tar')
      const saved = await inStore('save', '-o', path.join(home, 'x.tar'), sample)
      expect(saved.code, saved.err).to.equal(0)
    })

    it('that are missing, with the article that they have', async () => {
      expect((await run(['mirror-config'])).err).to.contain('needs an engine')
      expect((await run(['source', 'add'])).err).to.contain('needs a name')
      expect((await run(['completion'])).err).to.contain('needs a shell')
    })

    it('for a shell by the name of its program', async () => {
      const [pwsh, powershell] = [await run(['completion', 'pwsh']), await run(['completion', 'powershell'])]
      expect(pwsh.out).to.equal(powershell.out)
    })
  })

  describe('of settings that are damaged', () => {
    for (const content of ['{', 'not json', '{"store": 7}'])
      it(`their path, always: ${content}`, async () => {
        const at = file('settings/settings.json', content)
        const { code, err } = await run(['source', 'list'])
        expect(code).to.equal(1)
        expect(err).to.contain(at)
        const shown = await run(['config', 'path'])
        expect(shown.code).to.equal(0)
        expect(shown.out.trim()).to.equal(at)
        expect((await run(['config', 'set', 'store', '/x'])).err).to.contain(at)
      })
  })

  describe('of files and folders', () => {
    it('that are not there, without advice of another command', async () => {
      for (const words of [
        ['install', './no.tar'],
        ['verify', './no.tar'],
        ['load', './no.tar'],
        ['inspect', './no.tar'],
        ['history', './no.tar'],
      ]) {
        const { code, err } = await inStore(...words)
        expect(code).to.equal(2)
        expect(err).to.contain('no.tar').and.not.contain('--force')
      }
    })

    it('that look like files and are not names either', async () => {
      for (const word of ['nosuch.tar', 'disk.wim', 'sub\\image.zip']) {
        const { code, err } = await inStore('install', word, '--source', home)
        expect(code).to.equal(3)
        expect(err).to.contain('There is no file').and.contain('no image of that name')
      }
    })

    it('that hold archives, by the names of these', async () => {
      const usb = path.join(home, 'usb')
      for (const name of ['a.tar', 'b.tar.gz', 'c.wim']) file(`usb/${name}`, 'x')
      for (const words of [
        ['install', usb],
        ['verify', usb],
        ['inspect', usb],
      ]) {
        const { code, out, err } = await inStore(...words)
        expect(code).to.equal(4)
        expect(out + err)
          .to.match(/holds no image itself, but archives/)
          .and.contain('"a.tar"')
      }
    })

    it('that are one file and given as a source', async () => {
      const at = path.join(home, 'demo.tar')
      await save({ names: [sample], path: at })
      expect((await inStore('find', '--source', at)).out).to.match(/base +1\.2\.3/)
      expect((await inStore('install', 'base', '--source', at)).out).to.match(/Installed base 1\.2\.3/)
      expect((await inStore('source', 'add', 't', at)).out).to.contain('Added the file t')
      expect((await inStore('find', 'base', '--source', 't')).out).to.match(/base +1\.2\.3/)
    })

    it('that a source is added for and that are not there', async () => {
      for (const place of ['docker.io/library', './nowhere', path.join(home, 'gone.json')]) {
        const { code, err } = await inStore('source', 'add', `s${place.length}`, place)
        expect(code).to.equal(0)
        expect(err).to.contain('There is nothing at').and.contain('https://HOST')
      }
      expect((await inStore('source', 'add', 'web', 'https://registry.test')).err).to.equal('')
    })

    it('in which nothing was found', async () => {
      mkdirSync(path.join(home, 'empty'))
      const { code, err } = await inStore('find', '--source', path.join(home, 'empty'))
      expect(code).to.equal(3)
      expect(err).to.contain('Nothing was found at')
    })

    it('in which nothing can be read, without doubt of the place', async () => {
      const folder = path.join(home, 'unread')
      mkdirSync(folder)
      writeFileSync(path.join(folder, 'a.tar'), 'no archive')
      const { code, err } = await inStore('find', '--source', folder)
      expect(code).to.equal(3)
      expect(err).to.contain('a.tar is left out').and.contain('The lines above')
      expect(err).not.to.contain('Check the location')
    })

    it('whose ending is not known, by all that are', async () => {
      for (const name of ['x.iso', 'x.tar.gz', 'x.img']) {
        const { code, err } = await inStore('save', sample, '--path', path.join(home, name))
        expect(code).to.equal(2)
        for (const ending of ['.tar', '.zip', '.7z', '.wim']) expect(err).to.contain(ending)
      }
    })

    it('with two names that Windows takes for one, or one that it cannot hold, without distrust', async () => {
      const plain = {
        'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
        'index.json': '{"schemaVersion":2,"manifests":[]}',
      }
      for (const files of [
        { ...plain, 'a/Readme': 'x', 'a/README': 'y' },
        { ...plain, 'blobs/sha256/man::page': 'x' },
        { ...plain, 'blobs/sha256/what?': 'x' },
        { ...plain, 'c:file': 'x' },
      ]) {
        const { code, err } = await inStore('install', file('odd.tar', tarOf(files)))
        expect(code).to.equal(4)
        expect(err).to.contain('Windows').and.not.contain('Do not trust')
      }
    })
  })

  describe('of a root filesystem that says nothing of itself', () => {
    it('is whether it is good, and what is in it; only an install wants a name', async () => {
      for (const [name, bytes] of [
        ['plain.tar', tarOf({ 'etc/motd': 'x', 'usr/share/a': 'b' })],
        ['packed.tar.gz', gzipSync(tarOf({ 'bin/x': 'y', 'var/lib/y': 'z' }))],
        ['named.tar', tarOf({ 'etc/os-release': 'ID=mine\n' })],
      ] as const) {
        const at = file(name, bytes)
        expect((await inStore('verify', at)).out).to.contain('all is well')
        expect((await inStore('inspect', at)).code).to.equal(0)
        const { code, err } = await inStore('install', at)
        expect(code).to.equal(4)
        expect(err).to.contain('does not say its')
      }
    })
  })

  describe('of what is installed', () => {
    beforeEach(async () => {
      await install({ targets: [sample], store: store() })
    })

    it('is saved where no source has it', async () => {
      mkdirSync(path.join(home, 'none'))
      await inStore('source', 'add', 'none', path.join(home, 'none'))
      for (const words of [['base:1.2.3'], ['base'], ['base', '--required-version', '1.2.3']]) {
        const saved = await inStore('save', ...words, '--path', path.join(home, 'saved.tar'), '--force')
        expect(saved.code, saved.err).to.equal(0)
        expect(saved.err).to.contain('is saved as it is installed')
      }
      const other = await inStore('save', 'base:9', '--path', path.join(home, 'other.tar'))
      expect(other.code).to.equal(3)
    })

    it('what would go is asked, and not the pattern', async () => {
      for (const pattern of ['*', 'ba*', '?ase']) {
        const { code, err } = await run(
          ['uninstall', pattern, '--all-versions', '-Confirm', '--store', store()],
          { answer: 'n' },
        )
        expect(code).to.equal(0)
        expect(err).to.contain('base 1.2.3').and.contain('Nothing was changed.')
      }
    })

    it('and that nothing would be removed', async () => {
      expect((await inStore('prune', '--what-if')).out).to.equal('Nothing would be removed.\n')
    })
  })
})
