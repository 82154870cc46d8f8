import { expect } from 'chai'
import { sourceFiles } from '../source-files.js'

/** Files that a user names, or that lie in a folder that was made a moment before for this alone. */
const OTHERWISE: Record<string, string> = {
  'provider/io/files/own-file.ts': 'is the one that opens',
  'provider/serve/access-log.ts': 'appends to the log that its administrator names, which may be a device',
  'provider/store/expand/expand.ts': 'writes into the folder that it makes',
}

const OPENS = /(?<![.\w])(open|openSync)\(([^;]*?)\)/g
const TO_WRITE = /'(w|w\+|a|a\+|ax|wx|wx\+|r\+|rs\+|as|as\+)'|\bO_(WRONLY|RDWR|CREAT)\b/
const WRITES = /(?<![.\w]|async )(writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream)\(/g

/** Only where it must not be there yet. */
const IS_NEW = /'wx'|O_EXCL|\bNEW\b/

describe('opening a file to write', () => {
  const sources = [...sourceFiles()].filter(
    ([file]) => file.startsWith('provider/') || file.startsWith('cli/'),
  )

  it('is done in one place, which follows no link', () => {
    const found: string[] = []
    for (const [file, text] of sources) {
      if (file in OTHERWISE) continue
      const calls = [...text.matchAll(OPENS)].map(([call]) => call).filter((call) => TO_WRITE.test(call))
      const whole = [...text.matchAll(WRITES)].map(({ index }) => callAt(text, index))
      found.push(
        ...[...calls, ...whole].filter((call) => !IS_NEW.test(call)).map((call) => `${file}: ${call}`),
      )
    }
    expect(found).to.deep.equal([])
  })

  it('is looked for at all: the places that do it otherwise are found', () => {
    const found = sources.filter(
      ([, text]) =>
        [...text.matchAll(OPENS)].some(([call]) => TO_WRITE.test(call)) ||
        [...text.matchAll(WRITES)].length > 0,
    )
    expect(found.map(([file]) => file)).to.include.members(['provider/serve/access-log.ts'])
  })
})

/** A call with its arguments, as far as its brackets close. */
function callAt(text: string, start: number): string {
  let depth = 0
  for (let at = text.indexOf('(', start); at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return text.slice(start, at + 1)
  }
  return text.slice(start)
}
