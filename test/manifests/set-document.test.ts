import { expect } from 'chai'
import { parseSet, type SetDocument } from '../../manifests/index.js'

const FORMATS = ['oci-archive', 'media']

async function problems(text: string): Promise<string[]> {
  const { findings } = await parseSet(Buffer.from(text), 'site.yaml', FORMATS)
  return findings.problems.map(({ where, expected, found }) => `${where}: ${expected}; ${found}`)
}

async function parsed(text: string | Buffer): Promise<SetDocument> {
  const { set, findings } = await parseSet(Buffer.from(text), 'site.yaml', FORMATS)
  findings.throwIfAny('SET_INVALID')
  return set
}

describe('a set', () => {
  it('is YAML, in which a version is what was written, and no number', async () => {
    const set = await parsed(
      'platforms: linux/amd64, linux/arm64\nvolumeSize: 4g\nrecovery: 10%\nimages:\n  - name: debian\n    version: 12.10\n  - ubuntu:24.10\n',
    )
    expect(set).to.deep.equal({
      platforms: ['linux/amd64', 'linux/arm64'],
      volumeSize: 4e9,
      recovery: 0.1,
      images: [
        { name: 'debian', version: '12.10', line: 5 },
        { name: 'ubuntu:24.10', line: 7 },
      ],
    })
  })

  it('is the same as JSON', async () => {
    const image = {
      name: 'debian',
      newest: 3,
      exclude: ['12.3', '12.4*'],
      allPlatforms: true,
      minimumVersion: 12.1,
    }
    const set = await parsed(JSON.stringify({ images: [image], format: 'media' }))
    expect(set).to.deep.equal({ format: 'media', images: [{ ...image, minimumVersion: '12.1', line: 1 }] })
  })

  it('is a list of YAML alone, and knows its anchors', async () => {
    const { images } = await parsed(
      '- &one { name: debian, platforms: &p [linux/arm64] }\n- name: ubuntu\n  platforms: *p\n',
    )
    expect(images.map(({ platforms }) => platforms)).to.deep.equal([['linux/arm64'], ['linux/arm64']])
  })

  it('is a plain list with comments, also as PowerShell writes it', async () => {
    const text = '\uFEFF# bases\r\ndebian:12.5   # the stable one\r\n\r\nlocalhost:5000/base/ubuntu:24.04\r\n'
    const { images } = await parsed(Buffer.from(text, 'utf16le'))
    expect(images).to.deep.equal([
      { name: 'debian:12.5', line: 2 },
      { name: 'localhost:5000/base/ubuntu:24.04', line: 4 },
    ])
  })

  it('is told all that is wrong with it, each with its line', async () => {
    const found = await problems(
      'format: floppy\nvolumeSize: huge\nsource:\nimages:\n  - name: debian\n    newset: 2\n    newest: none\n    platforms: [linux, linux/amd64]\n  - [debian]\n  - version: 12\nplatform: linux/amd64\n',
    )
    const lines = found.map((one) => one.slice(0, one.indexOf(':')))
    expect(lines.sort()).to.deep.equal([
      'line 1, format',
      'line 10, images[2]',
      'line 11',
      'line 2, volumeSize',
      'line 3, source',
      'line 6, images[0]',
      'line 7, images[0].newest',
      'line 8, images[0].platforms',
      'line 9, images[1]',
    ])
  })

  it('names the line where it is not a YAML, also of a second document, a tag or a key that is there twice', async () => {
    for (const [text, line] of [
      ['images: [debian\n', 'line 2'],
      ['images:\n  - debian\nimages:\n  - ubuntu\n', 'line 3'],
      ['- debian\n---\n- ubuntu\n', 'line 2'],
      ['images:\n  - !!js/function debian\n', 'line 2'],
      ['{"images": ["debian" "ubuntu"]}', 'line 1'],
    ] as const)
      expect((await problems(text))[0], text).to.match(new RegExp(`^${line}\\b`))
  })

  it('names the line of a list that has more than a name on it', async () => {
    expect(await problems('debian:12.5\nubuntu 24.04\n')).to.deep.equal([
      'line 2: one name or reference, such as debian:12.5; "ubuntu 24.04"',
    ])
  })

  it('is refused where it names nothing', async () => {
    for (const text of ['', '# nothing\n', 'images: []\n', '{}', 'format: media\n'])
      expect(await problems(text), text).to.have.length(1)
  })

  it('does no harm by its depth or its aliases', async () => {
    const bomb = `- &a0 [x, x]\n${Array.from({ length: 40 }, (_, i) => `- &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`
    expect(await problems(bomb)).to.not.deep.equal([])
    for (const text of ['['.repeat(100_000), '- '.repeat(100_000), 'images: &a [*a]\n', '{a: '.repeat(5000)])
      expect(await problems(text), text.slice(0, 10)).to.not.deep.equal([])
  })
})
