import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { batchCommand } from '../../../../provider/io/programs/batch-file.js'
import { startOf, startProgram } from '../../../../provider/io/programs/start-program.js'
import { scratch } from '../../../scratch.js'

const SCRIPT = 'C:\\my tools\\ctr.cmd'

/** What stands between the name of the script and the last quote. */
function argumentsOf(args: string[]): string {
  const begin = `/e:ON /v:OFF /d /c ""${SCRIPT}" `
  const command = batchCommand(SCRIPT, args)
  expect(command.startsWith(begin) && command.endsWith('"'), command).to.equal(true)
  return command.slice(begin.length, -1)
}

describe('a batch file', () => {
  it('is started by the cmd.exe of the system, with a line that nothing else quotes', () => {
    for (const file of ['C:\\x\\ctr.cmd', 'C:\\x\\CTR.BAT']) {
      const environment = { SystemRoot: 'D:\\Windows', ComSpec: '.\\cmd.exe', PATH: 'C:\\x' }
      const start = startOf(file, ['images'], environment, 'win32')
      expect(start.file).to.equal('D:\\Windows\\System32\\cmd.exe')
      expect(start.args).to.deep.equal([`/e:ON /v:OFF /d /c ""${file}" images"`])
      expect(start.options).to.include({ shell: false, windowsVerbatimArguments: true, argv0: 'cmd.exe' })
    }
    expect(startOf(SCRIPT, [], {}, 'win32').file).to.equal('C:\\Windows\\System32\\cmd.exe')
  })

  it('is none elsewhere, and no program but a batch file is one', () => {
    expect(startOf('/opt/ctr.cmd', ['a b'], {}, 'linux')).to.deep.include({
      file: '/opt/ctr.cmd',
      args: ['a b'],
    })
    const program = startOf('C:\\x\\ctr.exe', ['a b'], {}, 'win32')
    expect(program).to.deep.include({ file: 'C:\\x\\ctr.exe', args: ['a b'] })
    expect(program.options).not.to.have.property('windowsVerbatimArguments')
  })

  // As the tests of Rust's standard library have them.
  const quoted: [string, string][] = [
    ['plain-1.0_x', 'plain-1.0_x'],
    ['docker.io/library/debian:12.5@sha256:00', 'docker.io/library/debian:12.5@sha256:00'],
    ['C:\\images\\a.tar', 'C:\\images\\a.tar'],
    ['', '""'],
    ['two words', '"two words"'],
    ['a&calc.exe', '"a&calc.exe"'],
    ['a|b>c<d^e', '"a|b>c<d^e"'],
    ['(a,b;c=d)', '"(a,b;c=d)"'],
    ['!PATH!', '"!PATH!"'],
    ['%PATH%', '"%%cd:~,%PATH%%cd:~,%"'],
    ['"&calc.exe', '"""&calc.exe"'],
    ['a" & calc & "b', '"a"" & calc & ""b"'],
    ['a\\"b', '"a\\\\""b"'],
    ['folder\\', '"folder\\\\"'],
    ['two words\\\\', '"two words\\\\\\\\"'],
    ['\u00a0', '"\u00a0"'],
  ]
  for (const [argument, expected] of quoted)
    it(`gets ${JSON.stringify(argument)} as one argument`, () => {
      expect(argumentsOf([argument])).to.equal(expected)
      expect(argumentsOf(['first', argument, 'last'])).to.equal(`first ${expected} last`)
    })

  it('is not started with what no quotes keep together', () => {
    for (const argument of ['a\nb', 'a\r', '\0'])
      expect(() => batchCommand(SCRIPT, ['x', argument]))
        .to.throw()
        .with.property('code', 'USAGE')
    for (const file of ['C:\\%TEMP%\\a.cmd', 'C:\\"a.cmd'])
      expect(() => batchCommand(file, []))
        .to.throw()
        .with.property('code', 'USAGE')
  })

  // Only there is a cmd.exe. What it makes of % differs in Wine, which fills in variables here and there.
  if (process.platform === 'win32')
    it('gets just what it was given from the cmd.exe of the system', async () => {
      const folders = scratch()
      const folder = path.join(folders.folder(), 'my tools & more')
      mkdirSync(folder)
      const script = path.join(folder, 'shows.cjs')
      const shown = path.join(folder, 'shown.json')
      writeFileSync(
        script,
        `require('fs').writeFileSync(${JSON.stringify(shown)}, JSON.stringify(process.argv.slice(2)))`,
      )
      writeFileSync(
        path.join(folder, 'ctr.cmd'),
        `@echo off\r\n"${process.execPath}" "%~dp0shows.cjs" %*\r\n`,
      )
      const env = { ...process.env, PATH: folder }
      const given = quoted.map(([argument]) => argument).filter((argument) => !argument.includes('%'))
      try {
        for (const args of [
          ...given.map((one) => [one]),
          given,
          ['a" & echo x > injected & "', '目🦜', ''],
        ]) {
          const [code] = await once(startProgram('ctr', args, { env, cwd: folder, stdio: 'ignore' }), 'exit')
          expect(code).to.equal(0)
          expect(JSON.parse(readFileSync(shown, 'utf8'))).to.deep.equal(args)
        }
      } finally {
        folders.remove()
      }
    })
})
