import { constants } from 'node:os'
import { expect } from 'chai'
import { coloursFor } from '../../../cli/output/colours.js'
import { errorDocument, errorLines } from '../../../cli/output/errors.js'
import { unwritten } from '../../../cli/output/unwritten.js'
import { ContainerImageError, noteBesides, printable } from '../../../manifests/index.js'

const PLAIN = coloursFor({ isTTY: false } as never, {})

describe('an error after which more failed', () => {
  const cause = new Error('read')
  const error = new ContainerImageError('NO_SPACE', 'The disk is full.', { remedy: 'Free some.', cause })
  noteBesides(error, [new ContainerImageError('PERMISSION_DENIED', 'Removing x: access is denied.')])
  noteBesides(cause, [new Error('one\u001b[31m'), 'another'])
  const besides = ['Removing x: access is denied.', 'one\u001b[31m', 'another']

  it('says first what it is, then what failed besides, then what to do', () => {
    expect(errorLines(error, PLAIN, false)).to.deep.equal([
      'Error NO_SPACE: The disk is full.',
      '  besides:  Removing x: access is denied.',
      `  besides:  ${printable('one\u001b[31m')}`,
      '  besides:  another',
      'Free some.',
    ])
  })

  it('has it among its details in JSON', () => {
    expect(errorDocument(error)).to.deep.nested.include({ 'error.details': { besides } })
  })

  it('says nothing of it where nothing failed', () => {
    const alone = new ContainerImageError('NO_SPACE', 'The disk is full.')
    noteBesides(alone, [])
    expect(errorDocument(alone)).not.to.have.nested.property('error.details')
    expect(errorLines(alone, PLAIN, false)).to.have.length(2)
  })
})

describe('what stdout did not take', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

  it('is told in full where it is little, and its beginning where it is much', () => {
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i}`)
    expect(unwritten(full, lines.slice(0, 50)).message.split('\n')).to.have.length(51)
    const much = unwritten(full, lines).message.split('\n')
    expect(much).to.have.length(52)
    expect(much.at(-1)).to.equal('and 10 lines more')
    expect(unwritten(full).message).to.equal('The output could not be written to stdout: the disk is full.')
    // Windows has no quota in its C library.
    const number = constants.errno.EDQUOT ?? constants.errno.ENOSPC
    const code = `Unknown system error -${number}`
    const unnamed = unwritten(Object.assign(new Error(code), { code, errno: -number }))
    expect(unnamed.code).to.equal('NO_SPACE')
    expect(unnamed.message).to.match(/ to stdout: the (quota is used up|disk is full)\.$/)
  })

  it('says to free space only where that is what is wrong', () => {
    const remedies = {
      ENOSPC: 'Free some space',
      EFBIG: 'Free some space',
      EPIPE: 'Have its reader read to the end',
      EOF: 'Have its reader read to the end',
      ECONNRESET: 'Have its reader read to the end',
      EIO: 'Repair what stdout goes to',
      EBADF: 'Repair what stdout goes to',
    }
    for (const [code, remedy] of Object.entries(remedies))
      expect(unwritten(Object.assign(new Error(`write ${code}`), { code })).remedy, code).to.contain(remedy)
  })
})
