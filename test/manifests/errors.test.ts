import { expect } from 'chai'
import { COMMAND_LINE } from '../../cli/words/wording.js'
import {
  ContainerImageError,
  defaultRemedy,
  ERROR_CODES,
  type ErrorCode,
  hasCode,
  interrupted,
  speak,
  throwIfAborted,
} from '../../manifests/index.js'
import { refusal } from './refusal.js'

/** The exit codes of the command line's contract. */
const EXITS = [1, 2, 3, 4, 5, 6, 7, 130]

describe('errors', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[])
    it(`say what ${code} means, how the program ends, and what to do`, () => {
      expect(code).to.match(/^[A-Z]+(_[A-Z]+)*$/)
      expect(ERROR_CODES[code].meaning).to.match(/^[A-Z].{15,}\.$/)
      expect(EXITS).to.include(ERROR_CODES[code].exit)
      const error = new ContainerImageError(code, 'Something.')
      expect(error.exitCode).to.equal(ERROR_CODES[code].exit)
      expect(error.remedy)
        .to.equal(defaultRemedy(code))
        .and.to.match(/^[A-Z].{10,}\.$/)
    })

  it('have a usual remedy in the words of those who read it', () => {
    expect(defaultRemedy('CERTIFICATE_UNTRUSTED')).to.contain('`caFile`')
    const back = speak(COMMAND_LINE)
    const typed = defaultRemedy('CERTIFICATE_UNTRUSTED')
    back()
    expect(typed).to.contain('--ca-file')
    expect(defaultRemedy('CERTIFICATE_UNTRUSTED')).to.contain('`caFile`')
  })

  it('carry what is known, and nothing that is not', () => {
    const cause = new Error('below')
    const facts = { side: 'source', expected: 1, found: 2, remedy: 'Do it.', details: { a: 1 } } as const
    const full = new ContainerImageError('SIZE_MISMATCH', 'Too long.', { ...facts, cause })
    expect(full).to.be.instanceOf(Error)
    expect(full).to.include({
      name: 'ContainerImageError',
      code: 'SIZE_MISMATCH',
      message: 'Too long.',
      ...facts,
    })
    expect(full.cause).to.equal(cause)
    const bare = new ContainerImageError('SIZE_MISMATCH', 'Too long.')
    for (const fact of ['side', 'expected', 'found', 'details', 'cause'])
      expect(Reflect.get(bare, fact), fact).to.equal(undefined)
  })

  it('are told apart by their code', () => {
    const error = new ContainerImageError('NOT_FOUND', 'Not there.')
    expect(hasCode(error, 'NOT_FOUND')).to.equal(true)
    expect(hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')).to.equal(true)
    expect(hasCode(error, 'BLOB_MISSING')).to.equal(false)
    expect(hasCode(Object.assign(new Error('x'), { code: 'NOT_FOUND' }), 'NOT_FOUND')).to.equal(false)
    expect(hasCode(undefined, 'NOT_FOUND')).to.equal(false)
  })

  it('stop work that was aborted, with the reason', () => {
    throwIfAborted(undefined)
    throwIfAborted(new AbortController().signal)
    const stopped = refusal(() => throwIfAborted(AbortSignal.abort('signal')), 'INTERRUPTED')
    expect(stopped.cause).to.equal('signal')
    expect(stopped.exitCode).to.equal(130)
  })

  it('pass on a reason that is an error of ours', () => {
    const timeout = new ContainerImageError('NETWORK_TIMEOUT', 'Nothing moved.')
    expect(interrupted(timeout)).to.equal(timeout)
    refusal(() => throwIfAborted(AbortSignal.abort(timeout)), 'NETWORK_TIMEOUT')
  })
})
