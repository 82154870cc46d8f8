import { expect } from 'chai'
import { table } from '../../../cli/output/table.js'
import { cut, pad, widthOf } from '../../../cli/output/width.js'

const COLUMNS = [{ title: 'Name', shrinks: 2 }, { title: 'Version' }, { title: 'Summary', shrinks: 1 }]
const ROWS = [
  ['NanoServer', '10.0.14300.1010', 'Container OS image of Windows Server 2016'],
  ['debian', '12.5', 'Debian'],
]

describe('a table', () => {
  it('is as wide as what it holds where there is no terminal', () => {
    expect(table(COLUMNS, ROWS, { underlined: true })).to.deep.equal([
      'Name       Version         Summary',
      '----       -------         -------',
      'NanoServer 10.0.14300.1010 Container OS image of Windows Server 2016',
      'debian     12.5            Debian',
    ])
  })

  it('fits a terminal, and cuts first what says least', () => {
    expect(table(COLUMNS, ROWS, { width: 50, gap: 2 })).to.deep.equal([
      'Name        Version          Summary',
      'NanoServer  10.0.14300.1010  Container OS image...',
      'debian      12.5             Debian',
    ])
    const narrow = table(COLUMNS, ROWS, { width: 36 })
    expect(narrow).to.deep.equal([
      'Name       Version         Summary',
      'NanoServer 10.0.14300.1010 Contai...',
      'debian     12.5            Debian',
    ])
  })

  it('never cuts a column that may not give room', () => {
    expect(table(COLUMNS, ROWS, { width: 10 })[1]).to.equal('NanoS... 10.0.14300.1010 Conta...')
  })

  it('lines up text of wide characters', () => {
    const lines = table(
      [{ title: 'A' }, { title: 'B' }],
      [
        ['日本', 'x'],
        ['ab', 'y'],
        ['e\u0301e', 'z'],
      ],
    )
    expect(lines).to.deep.equal(['A    B', '日本 x', 'ab   y', 'e\u0301e   z'])
  })

  it('shows nothing that could steer a terminal', () => {
    const [, row] = table([{ title: 'A' }], [['\u001b[31mred\u001b[0m\u202e\n']])
    expect(row).to.equal('?[31mred?[0m??')
  })

  it('lines up numbers on the right where asked', () => {
    expect(table([{ title: 'SIZE', align: 'right' }, { title: 'X' }], [['1 B', 'x']])).to.deep.equal([
      'SIZE X',
      ' 1 B x',
    ])
  })
})

describe('the width of text', () => {
  it('counts columns of a terminal and not characters', () => {
    expect(widthOf('abc')).to.equal(3)
    expect(widthOf('日本語')).to.equal(6)
    expect(widthOf('한국')).to.equal(4)
    expect(widthOf('ｱ')).to.equal(1)
    expect(widthOf('Ａ')).to.equal(2)
    expect(widthOf('é')).to.equal(1)
    expect(widthOf('e\u0301')).to.equal(1)
    expect(widthOf('📦')).to.equal(2)
  })

  it('is never exceeded by what was cut', () => {
    expect(cut('日本語日本語', 7)).to.equal('日本...')
    expect(widthOf(cut('日本語日本語', 8))).to.be.at.most(8)
    expect(cut('abcdef', 3)).to.equal('abc')
    expect(cut('abc', 3)).to.equal('abc')
    expect(pad('日本', 6)).to.equal('日本  ')
  })
})

describe('a table with a cell without end', () => {
  const endless = 'x'.repeat(100_000)

  it('cuts it, so that no row is wider than a path may be', () => {
    const lines = table(
      [{ title: 'A' }, { title: 'B' }],
      [
        [endless, 'b'],
        ['a', endless],
      ],
    )
    expect(lines[1]).to.match(/^x+\.\.\. b$/)
    for (const line of lines) expect(line.length).to.be.below(9000)
  })

  it('shows it whole in a column that says so', () => {
    const [, line] = table([{ title: 'A', endless: true }], [[endless]])
    expect(line).to.equal(endless)
  })
})
