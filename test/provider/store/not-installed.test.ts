import { expect } from 'chai'
import { notInstalled } from '../../../provider/store/not-installed.js'

describe('an image that is not installed', () => {
  const remedies: Record<string, RegExp> = {
    'debian:13': /^debian is installed as debian:12\.$/,
    'a.b:5000/base:2': /^a\.b:5000\/base is installed as a\.b:5000\/base:1\.$/,
    'a.b:5000/bsae:2': /^Did you mean a\.b:5000\/base\?$/,
    'debain:12': /^Did you mean debian\?$/,
    'docker://a.b/x': /^Write it without "docker:\/\/": a\.b\/x\.$/,
    'nope.tar': /^There is no file of that name either; it is looked up in \S/,
    'usb/nope.tar.gz': /^There is no file of that name either/,
    'NanoServer.wim': /^There is no file of that name either/,
    fedora: /^Look at what is installed with `get`\.$/,
  }
  for (const [name, expected] of Object.entries(remedies))
    it(`is told with what may help: ${name}`, () => {
      const { code, remedy } = notInstalled(name, ['debian:12', 'alpine:3', 'a.b:5000/base:1'])
      expect(code).to.equal('NOT_INSTALLED')
      expect(remedy).to.match(expected)
    })
})
