import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { askForVolume } from '../../../cli/terminal/next-volume.js'

describe('asking for the next volume', () => {
  async function asked(answer: string, isTTY = true) {
    const stdin = Object.assign(new PassThrough(), { isTTY })
    const stderr = Object.assign(new PassThrough(), { isTTY })
    stdin.end(answer)
    const streams = { stdin, stdout: new PassThrough(), stderr, env: {} }
    const folder = await askForVolume('x.vol2of3.tar', './usb', streams, new AbortController().signal)
    return { folder, said: String(stderr.read() ?? '') }
  }

  it('names what is missing, and takes the same folder for a bare Enter', async () => {
    const { folder, said } = await asked('\n')
    expect(folder).to.equal('./usb')
    expect(said).to.contain('Still missing: x.vol2of3.tar').and.to.contain('[./usb]')
  })

  it('takes another folder, or a q to stop', async () => {
    expect((await asked('/media/other\n')).folder).to.equal('/media/other')
    expect((await asked('q\n')).folder).to.equal(undefined)
  })

  it('asks nobody where there is no terminal', async () => {
    expect(await asked('\n', false)).to.deep.equal({ folder: undefined, said: '' })
  })
})
