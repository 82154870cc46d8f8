import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { coloursFor } from '../../cli/output/colours.js'
import { jsonText } from '../../cli/output/json.js'
import { harmless, outlet } from '../../cli/output/outlet.js'
import { displayFor } from '../../cli/progress/display-for.js'
import { runCommandLine } from '../../cli/run-command-line.js'
import { save } from '../../provider/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { json, startFaultyServer } from '../provider/registry/faulty-server.js'
import { scratch } from '../scratch.js'
import { sourceFiles } from '../source-files.js'

/** Colours, the title of a window, a report of the cursor, what C1 controls begin, reordering, what is not seen. */
const HOSTILE: Record<string, string> = {
  colour: '\u001b[31mred\u001b[0m',
  title: '\u001b]0;title\u0007',
  clipboard: '\u001b]52;c;aGVsbG8=\u001b\\',
  cursor: '\u001b[6n\u001b[2J\u001b[H',
  'eight bits': '\u009b31m\u0090q\u009c',
  line: 'one\r\u0008\u000b\u0000two',
  override: 'a\u202eb\u2066c\u2069\u200fd\u061ce',
  unseen: 'a\u200bb\u00adc\ufeffd\u2060e\u{e0041}f\u180eg',
  separators: 'a\u2028b\u2029c\u0085d',
}
const ALL = Object.values(HOSTILE).join('')
/** What may be the name of a file, and is not a pattern. */
const ALL_IN_A_NAME = ALL.replaceAll(/[\0/[\]?*]/g, '')

/** Tabs and ends of lines are the only controls that may leave. */
const STEERING = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const ESC = '\u001b'
/** Of our own colours; they begin a line. */
const OWN_COLOURS = new RegExp(`^${ESC}\\[(?:31|33|32|2)m([^${ESC}]*)${ESC}\\[0m`, 'gm')

describe('text on its way to a terminal (CVE-2021-42574, and escape sequences)', () => {
  const temporary = scratch()
  afterEach(() => temporary.remove())

  for (const [what, text] of Object.entries(HOSTILE)) {
    it(`has no ${what} in a line, in a text, in a document`, () => {
      const stream = new PassThrough()
      const out = outlet(stream, { FORCE_COLOR: '1' })
      out.line(`before ${text} behind`)
      out.lines([`the ${text}`, `a ${text}\n${text}`])
      out.text(`${text}\n\tindented`)
      out.document({ [text]: [text] })
      const written = String(stream.read())
      expect(written).not.to.match(STEERING)
      expect(written).to.contain('before ').and.to.contain(' behind\n').and.to.contain('\n\tindented')
    })

    it(`has the same ${what} in the JSON that is read again`, () => {
      const document = { [text]: [text, { deep: text }] }
      expect(JSON.parse(jsonText(document))).to.deep.equal(document)
      expect(jsonText(document)).not.to.match(STEERING)
    })
  }

  it('keeps a colour of ours at the beginning of a line, and no other', () => {
    const { error } = coloursFor({}, { FORCE_COLOR: '1' })
    expect(harmless(`${error('Error X:')} text`, true)).to.equal('\u001b[31mError X:\u001b[0m text')
    expect(harmless(`${error('Error X:')} a \u001b[31mb\u001b[0m`, true)).to.equal(
      '\u001b[31mError X:\u001b[0m a ?[31mb?[0m',
    )
    expect(harmless(`a ${error('b')}`, true)).to.equal('a ?[31mb?[0m')
    expect(harmless(`${error('Error X:')} text`)).to.equal('?[31mError X:?[0m text')
    expect(harmless('\u001b[2Jgone', true)).to.equal('?[2Jgone')
  })

  it('has one way: nothing in cli/ writes to a stream but the outlet', () => {
    const writers = [...sourceFiles()]
      .filter(([file]) => file.startsWith('cli/'))
      .filter(([, text]) => /\b(?:stdout|stderr|stream|output)\.write\(|console\./.test(text))
      .map(([file]) => file)
    // Constant texts before anything else is loaded, an empty one to wait for the others, and an archive that goes to
    // what is no terminal.
    expect(writers.sort()).to.deep.equal([
      'cli/main.ts',
      'cli/output/outlet.ts',
      'cli/output/stdout-bytes.ts',
      'cli/output/streams.ts',
      'cli/start.ts',
    ])
  })

  it('has one way: nothing below cli/ writes to a stream at all', () => {
    const writers = [...sourceFiles()]
      .filter(([file]) => !file.startsWith('cli/'))
      .filter(([, text]) => /process\.std(?:out|err)|console\.|emitWarning/.test(text))
    expect(writers.map(([file]) => file)).to.deep.equal([])
  })

  /** Everything that a command line writes, as to a terminal that shows colours, and to a file. */
  async function written(words: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const texts: string[] = []
    for (const terminal of [{}, { isTTY: true, columns: 60, rows: 20 }]) {
      const stdout = Object.assign(new PassThrough(), terminal)
      const stderr = Object.assign(new PassThrough(), terminal)
      await runCommandLine(words, {
        stdin: Object.assign(new PassThrough(), { isTTY: false }),
        stdout,
        stderr,
        env: { TERM: 'dumb', FORCE_COLOR: '1', ...env },
        signal: new AbortController().signal,
      })
      texts.push(String(stdout.read() ?? ''), String(stderr.read() ?? ''))
    }
    return texts.join('\n').replaceAll(OWN_COLOURS, '$1')
  }

  const forms = [['--verbose'], ['--json'], ['--progress', 'json', '--what-if']]

  it('has nothing of a command line in its complaints', async () => {
    const store = ['--store', path.join(temporary.folder(), 'store')]
    for (const text of [HOSTILE.colour ?? '', HOSTILE.override ?? '', ALL_IN_A_NAME])
      for (const words of [
        [`verify${text}`],
        ['source', `list${text}`],
        ['find', `--source${text}`],
        ['find', `-Source${text}`, 'x'],
        ['find', text, '--source', './x'],
        ['find', '--source', text],
        ['install', `./${text}`],
        ['save', `./${text}`, '--path', `./${text}`],
        ['save', 'x', '--format', text, '--path', '.'],
        ['tag', `a${text}`, 'b'],
        ['verify', `./${text}`],
        ['source', 'add', `x${text}`, './x'],
        ['source', 'add', 'x', `./${text}`, '--what-if'],
        ['source', 'remove', text],
        ['config', 'get', text],
        ['config', 'set', 'store', text, '--what-if'],
        ['get', '--store', `./${text}`],
        ['__complete', 'line', `containerimage find --source ${text}`],
        ['load', 'x', '--engine', 'docker', '--engine-address', `${text}://x`],
      ])
        expect(
          await written([...words, ...(words.includes('--store') ? [] : store)]),
          words.join(' '),
        ).not.to.match(STEERING)
  })

  it('has nothing of the names of files, and of what is in documents', async () => {
    const folder = path.join(temporary.folder(), ALL_IN_A_NAME)
    const stick = path.join(folder, 'stick')
    const store = path.join(folder, 'store')
    makeLayout(path.join(folder, 'layout'), [
      {
        refName: 'debian:12.5',
        annotations: { [ALL]: ALL },
        layers: [{ files: { a: 'a' } }],
        config: { history: [{ created_by: ALL, comment: ALL, author: ALL }] },
      },
    ])
    await save({ names: [path.join(folder, 'layout')], path: stick, format: 'media', force: true })
    const list = path.join(stick, 'media.json')
    const media = JSON.parse(readFileSync(list, 'utf8'))
    for (const key of ['name', 'version', 'fullName', 'tag', 'platform', 'source', 'saved', 'savedBy'])
      media.images[0][key] = ALL
    writeFileSync(list, JSON.stringify(media))
    const index = path.join(folder, 'index.json')
    const image = { Name: ALL, Version: '1.0', Description: ALL, SasToken: `https://h/${ALL}.wim` }
    writeFileSync(index, JSON.stringify([image, { ...image, Name: 'nano' }]))
    writeFileSync(path.join(folder, `${'x'}.jsonl`), `${JSON.stringify({ host: ALL, store: ALL })}\n`)
    mkdirSync(path.join(stick, 'receipts'))
    for (const words of [
      ['install', path.join(folder, 'layout')],
      ['get'],
      ['inspect', 'debian:12.5'],
      ['history', 'debian:12.5', '--no-trunc'],
      ['inventory'],
      ['verify', stick],
      ['install', stick],
      ['media', 'status', stick],
      ['find', '--source', index, '--all-versions'],
      ['find', '--source', stick],
      ['find', '--source', folder],
      ['save', path.join(folder, 'layout'), '--path', path.join(folder, 'out.tar'), '--force'],
      ['receipt', 'show', path.join(folder, 'x.jsonl')],
      ['receipt', 'verify', path.join(folder, 'x.jsonl')],
      ['save', 'debian', '--source', store, '--base', index, '--path', folder],
      ['uninstall', 'debian:12.5', '--what-if'],
      ['prune'],
    ])
      for (const form of forms)
        expect(await written([...words, ...form, '--store', store]), words[0]).not.to.match(STEERING)
  })

  it('has nothing of what a registry says', async () => {
    const server = await startFaultyServer(({ url }, response) => {
      if (url.includes('_catalog')) json(response, 200, { repositories: ['demo', ALL] })
      else if (url.includes('tags')) json(response, 200, { tags: ['1.0', ALL] })
      else
        json(
          response,
          400,
          { errors: [{ code: ALL, message: ALL }] },
          { link: '<\u009b31m>', 'docker-content-digest': 'x\u009b31m' },
        )
    })
    try {
      for (const words of [
        ['find', '--source', server.origin],
        ['search', 'demo', '--source', server.origin],
        ['pull', `${server.host}/demo:1.0`],
        ['install', 'demo', '--source', server.origin],
      ])
        for (const form of forms)
          expect(await written([...words, ...form, '--store', temporary.folder()])).not.to.match(STEERING)
    } finally {
      await server.stop()
    }
  })

  for (const [how, settings, terminal] of [
    ['lines', { quiet: false, progress: true }, {}],
    ['notes', { quiet: false, progress: false }, {}],
    ['JSON lines', { quiet: false, progress: 'json' }, {}],
    ['a terminal that moves nothing', { quiet: false, progress: true }, { isTTY: true }],
  ] as const)
    it(`has nothing of names in progress as ${how}`, () => {
      const stderr = Object.assign(new PassThrough(), terminal)
      const env = { FORCE_COLOR: '1', TERM: 'dumb' }
      const display = displayFor({ stderr, env }, coloursFor(stderr, env), settings)
      display.show({ type: 'begin', task: ALL, total: 10 })
      display.show({ type: 'blob', id: ALL, label: ALL, size: 10 })
      display.show({ type: 'note', message: ALL })
      display.show({ type: 'bytes', id: ALL, count: 10, kind: 'copied' })
      display.show({ type: 'blob-end', id: ALL })
      display.show({ type: 'end', task: ALL })
      display.close()
      expect(String(stderr.read() ?? '').replaceAll(OWN_COLOURS, '$1')).not.to.match(STEERING)
    })
})
