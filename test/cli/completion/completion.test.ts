import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { completionScript } from '../../../cli/commands/completion-scripts.js'
import { candidatesFor } from '../../../cli/completion/candidates.js'
import { wordsOf } from '../../../cli/completion/words.js'
import { scratch } from '../../scratch.js'

describe('what completes a command line', () => {
  const CASES: [string, string[]][] = [
    ['f', ['find', 'files', 'Find-ContainerImage']],
    ['his', ['history']],
    ['--st', ['--store']],
    ['source ', ['add', 'list', 'remove']],
    ['source a', ['add']],
    ['find --m', ['--minimum-version', '--maximum-version']],
    ['find -M', ['-MinimumVersion', '-MaximumVersion']],
    ['save x --format ', ['oci-archive', 'docker-archive', 'media', 'wim', 'zip', '7z']],
    ['save x --format=d', ['--format=docker-archive']],
    ['save x -Format o', ['oci-archive']],
    ['completion ', ['bash', 'zsh', 'fish', 'powershell']],
    ['config get ', ['store', 'ca-file', 'platform', 'gate']],
    ['help un', ['uninstall', 'untag', 'unpack']],
    ['find --platform ', []],
    ['nonsense ', []],
    ['tag a b ', []],
  ]
  for (const [line, wanted] of CASES)
    it(`after '${line}' is ${wanted.join(' ') || 'nothing'}`, async () => {
      const words = wordsOf(line)
      const { candidates } = await candidatesFor(words.slice(0, -1), words.at(-1) ?? '')
      expect(candidates.map((one) => one.value)).to.deep.equal(wanted)
    })

  it('are names of files where files are meant, and of folders where folders are', async () => {
    expect(await candidatesFor(['install'], 'x')).to.deep.equal({ candidates: [], files: 'files' })
    expect(await candidatesFor(['source', 'add', 'x'], '')).to.deep.equal({ candidates: [], files: 'files' })
    expect(await candidatesFor(['find', '--store'], '')).to.deep.equal({ candidates: [], files: 'folders' })
    expect(await candidatesFor(['save', '-Path'], '')).to.deep.equal({ candidates: [], files: 'files' })
  })

  it('follows from the name of the program, too', async () => {
    const { candidates } = await candidatesFor([], '--full', 'uninstall-containerimage')
    expect(candidates.map((one) => one.value)).to.deep.equal(['--full-name'])
  })
})

describe('the words of a command line', () => {
  it('are parted at spaces that are not quoted', () => {
    expect(wordsOf(`a "b c" 'd "e' f\\ g h`)).to.deep.equal(['a', 'b c', 'd "e', 'f g', 'h'])
  })

  it('end with an empty one after a space', () => {
    expect(wordsOf('a  b ')).to.deep.equal(['a', 'b', ''])
    expect(wordsOf('')).to.deep.equal([''])
  })
})

describe('a completion script', () => {
  const { folder, remove } = scratch()
  afterEach(remove)

  /** A folder with the program under its name, settings with a source, and a file. */
  function place(): { cwd: string; env: NodeJS.ProcessEnv } {
    const cwd = folder()
    const program = path.join(cwd, 'bin', 'containerimage')
    mkdirSync(path.join(cwd, 'bin'))
    mkdirSync(path.join(cwd, 'folder'))
    writeFileSync(
      program,
      `#!/bin/sh\nexec '${process.execPath}' '${path.resolve('dist/cli/containerimage.js')}' "$@"\n`,
    )
    chmodSync(program, 0o755)
    writeFileSync(path.join(cwd, 'archive.tar'), '')
    const sources = [{ name: 'stick', location: '/media/usb', type: 'folder' }]
    writeFileSync(path.join(cwd, 'settings.json'), JSON.stringify({ sources }))
    const PATH = `${path.dirname(program)}${path.delimiter}${process.env.PATH}`
    return { cwd, env: { ...process.env, PATH, CONTAINERIMAGE_CONFIG_DIR: cwd } }
  }

  function onPath(program: string): boolean {
    return spawnSync(program, ['--version']).status === 0
  }

  function run(shell: string, args: string[]): string {
    const { status, stdout, stderr } = spawnSync(shell, args, { ...place(), encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return stdout
  }

  ;(onPath('bash') ? it : it.skip)('completes commands, options, sources and files in bash', () => {
    const script = `
      eval "$(containerimage completion bash)"
      try() {
        COMP_LINE=$1 COMP_POINT=\${#1}
        read -ra COMP_WORDS <<< "$1"
        "$(complete -p containerimage | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
        echo "\${COMPREPLY[*]}"
      }
      try 'containerimage his'
      try 'containerimage find --source '
      try 'containerimage save x --format=d'
      try 'containerimage install ar'
      try 'containerimage get --store f'`
    expect(run('bash', ['--norc', '-c', script]).split('\n')).to.deep.equal([
      'history',
      'stick embedded',
      // Bash keeps what is before the equals sign itself.
      'docker-archive',
      'archive.tar',
      'folder',
      '',
    ])
  })

  ;(onPath('fish') ? it : it.skip)('completes in fish', () => {
    const script = 'containerimage completion fish | source; complete -C "containerimage find --source "'
    const lines = run('fish', ['--no-config', '-c', script]).trimEnd().split('\n')
    expect(lines).to.have.length(2)
    expect(lines).to.include('stick\t/media/usb')
  })

  ;(onPath('zsh') ? it : it.skip)('can be read by zsh', () => {
    const script = `
      autoload -Uz compinit; compinit -u -D
      eval "$(containerimage completion zsh)"
      print $_comps[cimg] $_comps[Save-ContainerImage]`
    expect(run('zsh', ['-f', '-c', script])).to.equal('_containerimage _containerimage\n')
  })

  it('names every program of the package', () => {
    for (const shell of ['bash', 'zsh', 'fish', 'powershell'] as const)
      for (const program of ['containerimage', 'cimg', 'Save-ContainerImage', 'Install-ContainerOSImage'])
        expect(completionScript(shell)).to.contain(program)
  })
})
