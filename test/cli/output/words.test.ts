import { expect } from 'chai'
import { age, span } from '../../../cli/output/ages.js'
import { coloursFor, wantsColours } from '../../../cli/output/colours.js'
import { errorDocument, errorLines } from '../../../cli/output/errors.js'
import { jsonText } from '../../../cli/output/json.js'
import { dockerSize, size } from '../../../cli/output/sizes.js'
import { ContainerImageError } from '../../../manifests/index.js'

describe('sizes in words', () => {
  it('are decimal, with two digits behind the point', () => {
    const said = [0, 1, 999, 1000, 1_300_000_000, 999_994, 999_996, 999_999_999, 2e15].map(size)
    const meant = ['0 B', '1 B', '999 B', '1.00 kB', '1.30 GB', '999.99 kB', '1.00 MB', '1.00 GB', '2.00 PB']
    expect(said).to.deep.equal(meant)
  })

  it('are in tables as docker writes them', () => {
    const said = [0, 512, 1300, 124_257_916, 1_300_000_000, 999_600, 48_512_345].map(dockerSize)
    expect(said).to.deep.equal(['0B', '512B', '1.3kB', '124MB', '1.3GB', '1MB', '48.5MB'])
  })
})

describe('ages', () => {
  const now = new Date('2026-11-21T12:00:00Z')
  const AGES: [string, string][] = [
    ['2026-11-21T12:00:00Z', 'Less than a second ago'],
    ['2026-11-21T12:00:05Z', 'Less than a second ago'],
    ['2026-11-21T11:59:59Z', '1 second ago'],
    ['2026-11-21T11:59:15Z', '45 seconds ago'],
    ['2026-11-21T11:58:30Z', 'About a minute ago'],
    ['2026-11-21T11:15:00Z', '45 minutes ago'],
    ['2026-11-21T11:00:00Z', 'About an hour ago'],
    ['2026-11-20T12:00:00Z', '24 hours ago'],
    ['2026-11-18T12:00:00Z', '3 days ago'],
    ['2026-10-31T12:00:00Z', '3 weeks ago'],
    ['2026-05-21T12:00:00Z', '6 months ago'],
    ['2020-11-21T12:00:00Z', '6 years ago'],
    ['', 'N/A'],
    ['yesterday', 'N/A'],
  ]
  for (const [time, words] of AGES)
    it(`are said as docker says them: ${words}`, () => {
      expect(age(time, now)).to.equal(words)
    })

  it('of work are said in the units that fit', () => {
    const said = [0.42, 9.99, 59.4, 61, 3599, 7800].map(span)
    expect(said).to.deep.equal(['0.4 s', '10 s', '59 s', '1 min 1 s', '59 min 59 s', '2 h 10 min'])
  })
})

describe('colours', () => {
  const terminal = { isTTY: true }

  it('are for terminals only', () => {
    expect(wantsColours(terminal, {})).to.equal(true)
    expect(wantsColours({}, {})).to.equal(false)
    expect(wantsColours(terminal, { TERM: 'dumb' })).to.equal(false)
  })

  it('are left out for NO_COLOR, unless it is empty', () => {
    expect(wantsColours(terminal, { NO_COLOR: '1' })).to.equal(false)
    expect(wantsColours(terminal, { NO_COLOR: '' })).to.equal(true)
  })

  it('are forced by FORCE_COLOR', () => {
    expect(wantsColours({}, { FORCE_COLOR: '1' })).to.equal(true)
    expect(wantsColours({}, { FORCE_COLOR: '', NO_COLOR: '1' })).to.equal(true)
    expect(wantsColours(terminal, { FORCE_COLOR: '0' })).to.equal(false)
  })

  it('enclose the text', () => {
    expect(coloursFor(terminal, {}).error('x')).to.equal('\u001b[31mx\u001b[0m')
    expect(coloursFor({}, {}).error('x')).to.equal('x')
  })
})

describe('an error', () => {
  const plain = coloursFor({}, {})
  const error = new ContainerImageError('DIGEST_MISMATCH', 'The blob\u001b is wrong.', {
    side: 'source',
    expected: 'sha256:aa',
    found: 'sha256:bb',
    remedy: 'Fetch it again.',
    details: { blob: 'x' },
    cause: new Error('the cause'),
  })

  it('is shown with both sides and what to do', () => {
    expect(errorLines(error, plain, false)).to.deep.equal([
      'Error DIGEST_MISMATCH: The blob? is wrong.',
      '  expected: sha256:aa',
      '  found:    sha256:bb',
      '  side:     source',
      'Fetch it again.',
    ])
  })

  it('tells its cause with --verbose', () => {
    expect(errorLines(error, plain, true)).to.include('  caused by Error: the cause')
  })

  it('is a document with code, message, remedy and details for programs', () => {
    expect(errorDocument(error)).to.deep.equal({
      error: {
        code: 'DIGEST_MISMATCH',
        message: 'The blob\u001b is wrong.',
        remedy: 'Fetch it again.',
        details: { side: 'source', expected: 'sha256:aa', found: 'sha256:bb', blob: 'x' },
      },
    })
    const bare = errorDocument(new ContainerImageError('NO_SPACE', 'Full.', { remedy: 'Make room.' }))
    expect(bare).to.deep.equal({ error: { code: 'NO_SPACE', message: 'Full.', remedy: 'Make room.' } })
  })
})

describe('JSON output', () => {
  it('escapes what could steer a terminal, and stays the same document', () => {
    const document = { name: 'a\u202eb\u009b31m\u001b[0m', list: ['日本'] }
    const text = jsonText(document)
    expect(text).to.match(/^[\n -~日本]+$/)
    expect(JSON.parse(text)).to.deep.equal(document)
  })
})
