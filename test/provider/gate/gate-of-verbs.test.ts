import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { copy, get, install, type ProgressEvent, pull, push } from '../../../provider/index.js'
import { restoreEnvironment } from '../../environment.js'
import { makeLayout } from '../../fixtures/layout.js'
import { type DockerRegistry, startDockerRegistry } from '../../peers/docker-registry.js'
import { describeWithPeers } from '../../peers/peers.js'
import { scratch } from '../../scratch.js'
import { failure } from '../verbs/failure.js'
import { filesIn } from '../verbs/on-disk.js'

const MARK = 'MARK-OF-EVIL'

/** Refuses a file with the mark in it, and writes down each time what it saw. */
const SCANNER = `
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
const [log, place] = process.argv.slice(2)
const names = readdirSync(place, { recursive: true }).filter((name) => statSync(path.join(place, name)).isFile())
appendFileSync(log, JSON.stringify(names) + '\\n')
process.exit(names.some((name) => readFileSync(path.join(place, name)).includes('${MARK}')) ? 3 : 0)
`

describeWithPeers(['docker-registry'], 'a gate between registries, the store and files', () => {
  const temporary = scratch()
  const environment = { ...process.env }
  let registry: DockerRegistry
  let folder: string
  let store: string
  let gate: string
  let log: string
  let layouts: Record<'good' | 'bad', string>

  before(async () => {
    process.env.CONTAINERIMAGE_CONFIG_DIR = path.join(temporary.folder(), 'settings')
    registry = await startDockerRegistry()
    const base = { files: { 'etc/os-release': 'ID=demo\n' } }
    layouts = { good: path.join(temporary.folder(), 'good'), bad: path.join(temporary.folder(), 'bad') }
    makeLayout(layouts.good, [{ refName: 'good:1.0', layers: [base] }])
    makeLayout(layouts.bad, [{ refName: 'bad:1.0', layers: [base, { files: { 'opt/x': MARK } }] }])
    await push({ names: [layouts.good, layouts.bad], registry: `${registry.host}/from` })
  })
  beforeEach(() => {
    folder = temporary.folder()
    store = path.join(folder, 'store')
    const script = path.join(folder, 'scanner.mjs')
    log = path.join(folder, 'seen.jsonl')
    writeFileSync(script, SCANNER)
    gate = `"${process.execPath}" "${script}" "${log}" {}`
  })
  after(async () => {
    await registry?.stop()
    restoreEnvironment(environment)
    temporary.remove()
  })

  const seen = (): string[][] =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : []
  const from = (name: string): string => `${registry.host}/from/${name}:1.0`
  const catalog = async (): Promise<string> =>
    await (await fetch(`http://${registry.host}/v2/_catalog`)).text()

  it('stands before pull: what it refuses has no name, and leaves no blob', async () => {
    await failure(pull({ references: [from('bad')], store, gate }), 'GATE_REFUSED')
    expect(await get({ store })).to.deep.equal([])
    expect(filesIn(path.join(store, 'blobs'))).to.deep.equal({})
    const { gate: verdict, images } = await pull({ references: [from('good')], store, gate })
    expect(verdict?.verdict).to.equal('passed')
    expect(images).to.have.length(1)
    expect(seen().flat().join(' ')).to.contain('etc/os-release').and.to.contain('opt/x')
  })

  it('stands before push, from the store and from files, and nothing is sent of what it refuses', async () => {
    await install({ targets: [layouts.good, layouts.bad], store })
    for (const [good, bad, to] of [
      ['good', 'bad', 'of-store'],
      [layouts.good, layouts.bad, 'of-files'],
    ] as const) {
      const place = `${registry.host}/${to}`
      await failure(push({ names: [bad], registry: place, store, gate }), 'GATE_REFUSED')
      expect(await catalog()).not.to.contain(to)
      const { gate: verdict } = await push({ names: [good], registry: place, store, gate })
      expect(verdict?.verdict).to.equal('passed')
      expect(await catalog()).to.contain(`${to}/good`)
    }
  })

  it('stands before copy, from a registry and from files, and its verdict is in the result', async () => {
    for (const [good, bad, to] of [
      [from('good'), from('bad'), 'copied'],
      [layouts.good, layouts.bad, 'copied-files'],
    ] as const) {
      const destination = `${registry.host}/${to}:1.0`
      await failure(copy({ image: bad, destination, store, gate }), 'GATE_REFUSED')
      expect(await catalog()).not.to.contain(`"${to}"`)
      const { gate: verdict } = await copy({ image: good, destination, store, gate })
      expect(verdict?.verdict).to.equal('passed')
      expect(await catalog()).to.contain(`"${to}"`)
    }
  })

  it('is asked for every tag of a copy, and one that it refuses does not stop the others', async () => {
    for (const [tag, name] of [
      ['1', 'good'],
      ['2', 'bad'],
    ] as const)
      await copy({ image: from(name), destination: `${registry.host}/several:${tag}` })
    const destination = `${registry.host}/several-copied`
    const result = await copy({ image: `${registry.host}/several`, destination, allTags: true, store, gate })
    expect(result.images.map(({ reference }) => reference)).to.deep.equal([`${destination}:1`])
    expect(result.failed?.map(({ code }) => code)).to.deep.equal(['GATE_REFUSED'])
    const tags = await (await fetch(`http://${registry.host}/v2/several-copied/tags/list`)).text()
    expect(tags).to.contain('["1"]')
  })

  it('passes some of several that are pushed one by one, and tells of the others', async () => {
    const place = `${registry.host}/kept-going`
    const names = [layouts.bad, layouts.good]
    const { failed, images } = await push({ names, registry: place, store, gate, keepGoing: true })
    expect(failed?.map(({ code }) => code)).to.deep.equal(['GATE_REFUSED'])
    expect(images.map(({ name }) => name)).to.deep.equal(['good'])
    const pulled = await pull({ references: [from('bad'), from('good')], store, gate, keepGoing: true })
    expect(pulled.failed?.map(({ code }) => code)).to.deep.equal(['GATE_REFUSED'])
    expect(pulled.images).to.have.length(1)
  })

  it('is not run where nothing is done, and missed before anything is asked of a registry', async () => {
    for (const ask of [
      (more: object) => pull({ references: [from('bad')], store, ...more }),
      (more: object) => push({ names: [layouts.bad], registry: `${registry.host}/no`, store, ...more }),
      (more: object) => copy({ image: layouts.bad, destination: `${registry.host}/no:1`, store, ...more }),
    ]) {
      await ask({ gate, whatIf: true })
      const notes: string[] = []
      const onProgress = (event: ProgressEvent): void => {
        notes.push(event.type)
      }
      await failure(ask({ gate: 'no-such-scanner-anywhere {}', onProgress }), 'PROGRAM_MISSING')
      expect(notes).not.to.include('blob')
    }
    expect(seen()).to.deep.equal([])
    expect(existsSync(path.join(store, 'index.json'))).to.equal(false)
  })
})
