import path from 'node:path'
import { expect } from 'chai'
import { get } from '../../cli/commands/get.js'
import { commandHelp } from '../../cli/help/command-help.js'
import { COMMON_PARAMETERS, isAction } from '../../cli/options/common-parameters.js'
import { parse } from '../../cli/parsing/parse.js'
import { scratch } from '../scratch.js'
import { type Ended, run } from './command/run.js'

const { folder, remove } = scratch()

describe("PowerShell's common parameters", () => {
  let store: string
  before(() => {
    store = path.join(folder(), 'store')
  })
  after(remove)

  const inStore = (...words: string[]): Promise<Ended> => run([...words, '--store', store])

  it('are accepted by every kind of command, by their names, their short names and prefixes', async () => {
    for (const words of [
      ['find', 'x', '-Debug', '-ErrorAction', 'Stop', '-OutVariable', 'found'],
      ['save', 'x', '-Path', 'p', '-ea', '0', '-ev', 'problem', '-ov', 'files', '-ob', '1', '-pv', 'x'],
      ['source', 'add', 'n', 'l', '-WarningAction', 'silently', '-wv', 'w', '-InformationAction:Ignore'],
      ['get', '-infa', 'Continue', '-iv', 'i', '-proga', 'SilentlyContinue', '-PipelineV', 'p'],
    ])
      expect(await parse(words), words.join(' ')).to.have.property('arguments')
  })

  it('take no prefix from what the command or this program has', async () => {
    expect(await values('find', 'x', '-In')).to.include({ insecure: true })
    expect(await values('save', 'x', '-O', 'p')).to.include({ path: 'p' })
    expect(await values('get', '-W')).to.include({ 'what-if': true })
  })

  it('hide an error whose code still tells of it', async () => {
    const told = await inStore('untag', 'nothing:1')
    expect(told.err).to.contain('NOT_INSTALLED')
    for (const action of ['SilentlyContinue', 'ignore', '0', 'Sil'])
      expect(await inStore('untag', 'nothing:1', '-ErrorAction', action)).to.deep.equal({ ...told, err: '' })
    expect((await inStore('untag', 'nothing:1', '-ErrorAction', 'Stop')).err).to.equal(told.err)
  })

  it('hide notes', async () => {
    const asks = ['prune', '--confirm']
    const loud = await run([...asks, '--store', store], { answer: 'n\n' })
    expect(loud.err).to.contain('Nothing was changed.')
    const silent = await run([...asks, '-WarningAction', 'Ignore', '--store', store], { answer: 'n\n' })
    expect(silent.err).not.to.contain('Nothing was changed.')
  })

  it('make errors say more, for -Debug', async () => {
    expect((await inStore('untag', 'nothing:1', '-Debug')).err).to.match(/\n +at /)
  })

  it('know the actions of PowerShell by word, beginning and number', () => {
    for (const action of ['Continue', 'silentlycontinue', 'Ig', '3', 'BREAK', 'sus'])
      expect(isAction(action), action).to.equal(true)
    for (const action of ['s', '', '7', 'quietly', '-1']) expect(isAction(action), action).to.equal(false)
  })

  it('are not in help, nor completed', () => {
    const text = commandHelp(['get'], get)
    for (const name of Object.keys(COMMON_PARAMETERS)) expect(text).not.to.contain(`--${name} `)
  })
})

async function values(...words: string[]): Promise<Record<string, unknown>> {
  const parsed = await parse(words)
  if ('text' in parsed) throw new Error('answered with text')
  return parsed.arguments.values
}
