import { closeSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  clearName,
  openAnew,
  openNew,
  openNewSync,
  openOwn,
  openOwnSync,
  sizeLeft,
} from '../../../../provider/io/files/own-file.js'
import { itWithLinks } from '../../../links.js'
import { scratch } from '../../../scratch.js'
import { PLANTED, plantSecondName, type Victim, victim } from '../../../security/victim.js'

describe('a file that this program writes', () => {
  const temporary = scratch()
  let file: string
  let user: Victim

  beforeEach(() => {
    const folder = temporary.folder()
    file = path.join(folder, 'name.part')
    user = victim(path.join(folder, 'user'))
  })
  afterEach(() => temporary.remove())

  async function codeOf(work: () => unknown): Promise<string | undefined> {
    try {
      await work()
      return undefined
    } catch (error) {
      return (error as NodeJS.ErrnoException).code
    }
  }

  for (const [kind, plant] of Object.entries(PLANTED))
    it(`is made, opened and removed nowhere where ${kind} has its name`, async () => {
      plant(file, user)
      const before = user.facts()
      for (const open of [() => openNew(file), () => openNewSync(file)])
        expect(await codeOf(open)).to.equal('EEXIST')
      const others = [openOwn, openOwnSync, openAnew, clearName, sizeLeft]
      for (const work of others) expect(await codeOf(() => work(file)), work.name).to.equal('IN_THE_WAY')
      expect(user.facts()).to.deep.equal(before)
    })

  it('is not gone on with where it has a second name, and is made anew beside that', async () => {
    plantSecondName(file, user)
    const before = readFileSync(user.file)
    for (const work of [openOwn, openOwnSync]) expect(await codeOf(() => work(file))).to.equal('IN_THE_WAY')
    expect(await sizeLeft(file)).to.equal(undefined)
    const handle = await openAnew(file)
    await handle.write('new')
    await handle.close()
    expect(readFileSync(user.file).equals(before)).to.equal(true)
    expect(statSync(user.file).nlink).to.equal(1)
  })

  it('is gone on with where an earlier run left it, and removed where it is not wanted', async () => {
    writeFileSync(file, 'left')
    expect(await sizeLeft(file)).to.equal(4)
    const handle = await openOwn(file)
    await handle.write('L', 0)
    await handle.close()
    const fd = openOwnSync(file)
    writeSync(fd, 'T', 3)
    closeSync(fd)
    expect(readFileSync(file, 'utf8')).to.equal('LefT')
    await clearName(file)
    expect(existsSync(file)).to.equal(false)
    expect(await sizeLeft(file)).to.equal(undefined)
    await clearName(file)
    expect(await codeOf(() => openOwn(file))).to.equal('ENOENT')
    expect(await codeOf(() => openOwnSync(file))).to.equal('ENOENT')
  })

  itWithLinks('may lie behind links that lead to its folder, as whoever named that wanted it', async () => {
    const linked = path.join(path.dirname(file), 'linked')
    symlinkSync(user.folder, linked)
    await (await openNew(path.join(linked, 'new'))).close()
    await (await openOwn(path.join(linked, 'new'))).close()
    expect(existsSync(path.join(user.folder, 'new'))).to.equal(true)
  })
})
