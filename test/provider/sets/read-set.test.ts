import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { readSet } from '../../../provider/sets/read-set.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'

describe('reading a set', () => {
  const temporary = scratch()
  after(() => temporary.remove())

  function written(text: string, name = 'site.yaml'): string {
    const file = path.join(temporary.folder(), name)
    writeFileSync(file, text)
    return file
  }

  it('tells what is wrong with versions and names in the order of their lines', async () => {
    const file = written(
      `images:
  - deb*
  - { name: debian, version: 12.1, minimumVersion: 12.0 }
  - { name: debian, minimumVersion: "12" }
  - { name: "debian:12.1", version: 12.2 }
  - { name: debian, version: 12.1, newest: 2 }
`,
    )
    const { details, exitCode } = await failure(readSet(file), 'SET_INVALID')
    const lines = ((details?.problems ?? []) as { where: string }[]).map(({ where }) => where)
    expect(lines).to.deep.equal([2, 3, 4, 5, 6].map((line) => `line ${line}, images[${line - 2}]`))
    expect(exitCode).to.equal(2)
  })

  it('finds its bases, sources and archives from its own folder', async () => {
    const file = written(
      'base: inbox/a.json\nsources: { lab: ../lab }\nimages:\n  - ./old.tar\n  - { name: debian, source: lab }\n',
    )
    const { base, wishes } = await readSet(file)
    const here = path.dirname(file)
    expect(base).to.deep.equal([path.join(here, 'inbox/a.json')])
    expect(wishes.map(({ name, source }) => [name, source])).to.deep.equal([
      [path.join(here, 'old.tar'), undefined],
      ['debian', path.join(here, '../lab')],
    ])
  })

  it('asks for the same whatever its comments, its place and its spelling', async () => {
    const asks = async (text: string, name?: string): Promise<string> =>
      (await readSet(written(text, name))).asks
    const one = await asks('# one\nplatforms: linux/arm64\nimages:\n  - debian:12.5\n')
    expect(
      await asks('{"images": [{"name": "debian:12.5", "platforms": ["linux/arm64"]}]}', 'site.json'),
    ).to.equal(one)
    expect(await asks('images:\n  - debian:12.5\n')).to.not.equal(one)
  })
})
