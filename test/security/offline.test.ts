import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { allCommands } from '../../cli/commands/index.js'
import { makeLayout } from '../fixtures/layout.js'
import { describeWithPeers, peer } from '../peers/peers.js'
import { makeKey } from '../provider/encryption/made-keys.js'
import { scratch } from '../scratch.js'

/** What is there to reach others, or listens to them. */
const NEEDS_NETWORK = [
  'login',
  'logout',
  'pull',
  'push',
  'search',
  'tags',
  'copy',
  'load',
  'serve',
  'set',
  'ui',
]

const DRIVER = path.resolve('dist/test/security/offline-driver.js')

/** Every command that does its work without a network, on files and a store of this machine. */
function offlineLines(home: string, key: { file: string; recipient: string }): string[][] {
  const at = (...names: string[]): string => path.join(home, ...names)
  const stick = at('stick')
  return [
    ['version'],
    ['help', 'save'],
    ['completion', 'bash'],
    ['config', 'set', 'platform', 'linux/amd64'],
    ['config', 'list'],
    ['config', 'path'],
    ['install', at('layout'), '--receipt', at('r.jsonl'), '--gate', `"${process.execPath}" -e 0 {}`],
    ['get'],
    ['history', 'demo'],
    ['inspect', 'demo'],
    ['tag', 'demo', 'other:1'],
    ['untag', 'other:1'],
    ['files', 'demo'],
    ['packages', 'demo'],
    ['unpack', 'demo', at('root')],
    ['commit', at('layout'), 'changed:1', '--from', 'scratch', '--platform', 'linux/amd64'],
    ['import', at('root.tar'), 'imported:1', '--platform', 'linux/amd64'],
    ['diff', 'demo', 'changed:1'],
    ['inventory', '--path', at('inventory.json')],
    ['save', at('layout'), '--path', stick, '--format', 'media', '--force'],
    ['save', at('layout'), '--path', at('demo.tar')],
    ['save', at('layout'), '--path', at('secret.tar'), '--encrypt-to', key.recipient],
    ['install', at('secret.tar.age'), '--identity', key.file],
    ['verify', at('demo.tar'), stick],
    ['verify'],
    ['store', 'check'],
    ['find', '--source', stick],
    ['key', 'generate', at('site.key'), '--no-passphrase'],
    ['media', 'sign', stick, '--sign', at('site.key')],
    ['trust', 'add', at('site.pub'), '--name', 'site'],
    ['trust', 'list'],
    ['trust', 'remove', 'site'],
    ['media', 'status', stick],
    ['media', 'prune', stick],
    ['media', 'remove', stick, 'demo'],
    ['receipt', 'show', at('r.jsonl')],
    ['receipt', 'verify', at('r.jsonl')],
    ['source', 'add', 'here', at('layout')],
    ['source', 'list'],
    ['source', 'remove', 'here'],
    ['config', 'set', 'mirrors.reg.invalid', 'https://mirror.invalid'],
    ['mirror-config', 'podman'],
    ['database', 'list'],
    ['vulnerabilities', 'demo'],
    ['uninstall', 'changed:1'],
    ['prune'],
  ]
}

describeWithPeers(['strace', 'unshare', 'tar'], 'commands that need no network', () => {
  const temporary = scratch()
  let home: string
  let lines: string[][]
  beforeEach(async () => {
    home = temporary.folder()
    makeLayout(path.join(home, 'layout'), [
      { refName: 'demo:1', layers: [{ files: { 'etc/os-release': 'ID=demo\n', 'bin/sh': 100_000 } }] },
    ])
    spawnSync('tar', ['-cf', path.join(home, 'root.tar'), '-C', path.join(home, 'layout'), '.'])
    lines = offlineLines(home, await makeKey(home))
  })
  afterEach(() => temporary.remove())

  /** Runs all of them in one process, behind some words. @returns how each ended */
  function runBehind(words: string[]): { line: string; code: number; err: string }[] {
    const [program = '', ...args] = [...words, process.execPath, DRIVER]
    const { stdout, stderr } = spawnSync(program, args, {
      input: JSON.stringify(lines),
      encoding: 'utf8',
      maxBuffer: 1e8,
      cwd: home,
      env: {
        ...process.env,
        HOME: home,
        XDG_DATA_HOME: path.join(home, 'data'),
        CONTAINERIMAGE_CONFIG_DIR: path.join(home, 'settings'),
        CONTAINERIMAGE_STORE: path.join(home, 'store'),
      },
    })
    expect(stdout, stderr).not.to.equal('')
    return JSON.parse(stdout)
  }

  it('are all commands but those that are there to reach others', async () => {
    const names = (await allCommands()).map(({ name }) => name)
    const tried = new Set(lines.map(([name]) => name))
    expect(names.filter((name) => !tried.has(name)).sort()).to.deep.equal(NEEDS_NETWORK.sort())
  })

  it('open no socket, and ask nobody for a name', () => {
    const log = path.join(home, 'calls')
    const ended = runBehind([
      peer('strace') ?? '',
      '-f',
      '-qq',
      '-e',
      'trace=socket,connect,sendto,sendmsg',
      '-o',
      log,
    ])
    expectDone(ended)
    const calls = readFileSync(log, 'utf8').split('\n')
    expect(calls.filter((line) => /\b(AF_INET6?|AF_UNIX|AF_NETLINK|AF_PACKET)\b/.test(line))).to.deep.equal(
      [],
    )
  })

  it('do their work where there is no network at all', function () {
    const unshare = [peer('unshare') ?? '', '--map-root-user', '--net']
    if (spawnSync(unshare[0] ?? '', [...unshare.slice(1), 'true']).status !== 0) return this.skip()
    expectDone(runBehind(unshare))
  })
})

/** Only what finds nothing may end with 3: there is no database here. */
function expectDone(ended: { line: string; code: number; err: string }[]): void {
  const failed = ended.filter(({ line, code }) => code !== (line.startsWith('vulnerabilities') ? 3 : 0))
  expect(failed).to.deep.equal([])
}
