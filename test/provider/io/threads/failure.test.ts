import { constants } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { expect } from 'chai'
import { ContainerImageError } from '../../../../manifests/index.js'
import { failureOf } from '../../../../provider/io/threads/failure.js'
import { type PlainFailure, plainFailure } from '../../../../provider/io/threads/plain-failure.js'

/** An error as it comes out of another thread. */
async function sent(error: unknown): Promise<unknown> {
  const { port1, port2 } = new MessageChannel()
  const arrived = new Promise<PlainFailure>((resolve) => port2.once('message', resolve))
  port1.postMessage(plainFailure(error))
  const plain = await arrived
  port1.close()
  return failureOf(plain)
}

function ofSystem(code: string, syscall: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall, ...more })
}

describe('an error that passes from one thread to another', () => {
  it('of the system has our words, and the side that the call belongs to', async () => {
    expect(await sent(ofSystem('ENOSPC', 'write'))).to.include({ code: 'NO_SPACE', side: 'destination' })
    expect(await sent(ofSystem('EDQUOT', 'write'))).to.include({ code: 'NO_SPACE', side: 'destination' })
    expect(await sent(ofSystem('EIO', 'write'))).to.include({ code: 'CANNOT_MAKE', side: 'destination' })
    expect(await sent(ofSystem('EIO', 'read'))).to.include({ code: 'CANNOT_MAKE', side: 'source' })
    expect(await sent(ofSystem('EACCES', 'open'))).to.include({ code: 'PERMISSION_DENIED', side: 'source' })
  })

  it('of the system is known by its number where libuv has no name for it', async () => {
    // Windows has no quota in its C library.
    const number = constants.errno.EDQUOT ?? constants.errno.ENOSPC
    const code = `Unknown system error -${number}`
    for (const syscall of ['open', 'write', 'fsync', 'rename'])
      expect(await sent(ofSystem(code, syscall, { errno: -number }))).to.include({
        code: 'NO_SPACE',
      })
  })

  it('of the system about a path is no fault of the program, whatever its name', async () => {
    const error = (await sent(ofSystem('ENOPROTOOPT', 'open', { path: '/a' }))) as ContainerImageError
    expect(error).to.include({ code: 'CANNOT_MAKE' })
  })

  it('of ours is the same', async () => {
    const ours = new ContainerImageError('ARCHIVE_INVALID', 'It is cut short.', { expected: 3, found: 2 })
    const error = (await sent(ours)) as ContainerImageError
    expect(error).to.be.instanceOf(ContainerImageError)
    expect({ ...error, message: error.message }).to.deep.equal({ ...ours, message: ours.message })
  })

  it('of memory, or of the program, is one of those', async () => {
    expect(await sent(new RangeError('no memory'))).to.be.instanceOf(RangeError)
    const fault = (await sent(new TypeError('a fault'))) as Error
    expect(fault).not.to.be.instanceOf(ContainerImageError)
    expect(fault.message).to.equal('a fault')
  })
})
