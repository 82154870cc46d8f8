import { expect } from 'chai'
import { kernelPlace } from '../../../../provider/io/files/kernel-place.js'
import { isRunning, processOf } from '../../../../provider/io/files/process-number.js'
import { onSystem } from '../../../windows.js'

describe('what is known of a process', () => {
  it('is asked of /proc on Linux alone, as elsewhere anybody can make such a folder', async () => {
    for (const system of ['win32', 'darwin', 'freebsd'] as const)
      await onSystem(system, {}, async () => {
        expect([processOf(process.pid), kernelPlace()], system).to.deep.equal([undefined, undefined])
        expect(isRunning(process.pid), system).to.equal(true)
      })
  })

  it('is on Linux when it began, and that it has not ended', function () {
    if (process.platform !== 'linux') this.skip()
    expect(processOf(process.pid)).to.deep.include({ isOver: false })
    expect(processOf(process.pid)?.started).to.match(/^\d+$/)
    expect(kernelPlace()).to.match(/ pid:\[\d+\]$/)
  })
})
