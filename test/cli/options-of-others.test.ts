import { expect } from 'chai'
import { optionHere } from '../../cli/words/options-of-others.js'
import { run } from './command/run.js'

describe("other tools' options", () => {
  const told: Record<string, string> = {
    'copy a.b/x:1 a.b/y --src-tls-verify=false': '--insecure',
    'pull a.b/x:1 --tls-verify=false': '--ca-file',
    'push x a.b --creds me:secret': '--password-stdin',
    'pull a.b/x:1 --authfile f': 'DOCKER_CONFIG',
    'save debian --override-arch arm64': '--platform',
    'save debian --arch arm64': '--platform',
    'save debian --dest x': '--path',
    'files debian etc/hosts --dest x': '--output',
    'install --input x.tar': 'as a word',
    'install x.tar --yes': '--confirm',
    'install x.tar -y': '--confirm',
    'tags a.b/x --limit 3': '--newest',
    'prune --dry-run': '--what-if',
    'serve --port 5000': '--listen',
    'push x a.b --compression-format zstd': 'keep their bytes',
    'push x a.b --digestfile f': '--json',
    'copy a.b/x:1 a.b/y --all': '--all-platforms',
    'get --root /data': '--store',
  }
  for (const [line, expected] of Object.entries(told))
    it(`are told as they are here: ${line}`, async () => {
      const { code, err } = await run([...line.split(' '), '--json'])
      expect(code, err).to.equal(2)
      const { error } = JSON.parse(err)
      expect(error.remedy).to.contain(expected)
      expect(err).not.to.contain('secret')
      const [verb = ''] = line.split(' ')
      const help = (await run([verb, '--help'])).out
      for (const option of error.remedy.match(/--[a-z-]+/g) ?? [])
        expect(help, error.remedy).to.contain(option)
    })

  const elsewhere: Record<string, string> = {
    'uninstall app --source ./usb': 'media remove',
    'uninstall app --media ./usb': 'media remove',
    'rmi app --path ./usb': 'media remove',
    'prune --media ./usb': 'media prune',
    'prune --source ./usb': 'media prune',
    'prune --keep 2': 'media prune',
    'store check --media ./usb': 'verify',
    'get --source ./usb': 'inspect PATH',
    'images --media ./usb': 'inspect PATH',
    'find app --media ./usb': '--source',
    'install app --media ./usb': '--source',
    'save app --from ./usb': '--source',
    'verify --source ./usb': 'as a word',
    'verify --path ./usb': 'as a word',
    'Uninstall-ContainerImage -Name app -Source ./usb': 'media remove',
    'Get-ContainerImage -Source ./usb': 'inspect PATH',
  }
  for (const [line, expected] of Object.entries(elsewhere))
    it(`of other commands lead to the right one, and to no option that only looks alike: ${line}`, async () => {
      const { code, err } = await run([...line.split(' '), '--json'])
      expect(code, err).to.equal(2)
      const { error } = JSON.parse(err)
      expect(error.remedy).to.contain(expected)
      expect(error.message).not.to.contain('Did you mean')
    })

  it('are not told for a command that has nothing like it', () => {
    expect(optionHere('arch', ['force'])).to.equal(undefined)
    expect(optionHere('frobnicate', ['platform'])).to.equal(undefined)
    expect(optionHere('constructor', ['platform'])).to.equal(undefined)
  })
})
