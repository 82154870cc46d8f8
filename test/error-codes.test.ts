import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { COMMAND_LINE } from '../cli/words/wording.js'
import { defaultRemedy, ERROR_CODES, type ErrorCode, speak } from '../manifests/index.js'
import { sourceFiles } from './source-files.js'

const codes = Object.keys(ERROR_CODES) as ErrorCode[]
const EXITS = [1, 2, 3, 4, 5, 6, 7, 130]

describe('every error code', () => {
  const texts = [...sourceFiles()]
    .filter(([file]) => file !== 'manifests/errors.ts')
    .map(([, text]) => text)
    .join('\n')
  const definitions = sourceFiles().get('manifests/errors.ts') ?? ''

  it('is on the page of errors, with its meaning and what to do', () => {
    const page = readFileSync('docs/errors.md', 'utf8')
    const back = speak(COMMAND_LINE)
    const remedies = new Map(codes.map((code) => [code, defaultRemedy(code)]))
    back()
    for (const code of codes) {
      expect(page).to.contain(`### ${code}\n\n${ERROR_CODES[code].meaning}\n`)
      expect(remedies.get(code), code).to.be.a('string')
      expect(page).to.contain(remedies.get(code))
    }
  })

  it('that a source file names exists', () => {
    const thrown = texts.matchAll(/ContainerImageError\(\s*'([A-Z_]+)'|hasCode\([^)]*?'([A-Z_]+)'/g)
    const named = new Set([...thrown].map(([, one, other]) => one ?? other))
    expect(named.size).to.be.greaterThan(10)
    expect([...named].filter((code) => !codes.some((known) => known === code))).to.deep.equal([])
  })

  it('is used somewhere', () => {
    // Thrown by interrupted(), beside the definitions.
    const elsewhere = definitions.includes("ContainerImageError('INTERRUPTED'") ? ['INTERRUPTED'] : []
    const unused = codes.filter((code) => !new RegExp(`['.]${code}\\b`).test(texts))
    expect(unused.filter((code) => !elsewhere.includes(code))).to.deep.equal([])
  })

  it('leads to one of the exit codes that programs test', () => {
    for (const code of codes) expect(EXITS, code).to.include(ERROR_CODES[code].exit)
  })
})
