import { expect } from 'chai'
import { ContainerImageError, inMessage, show, withoutSecrets } from '../../manifests/index.js'

describe('secrets in texts for messages', () => {
  for (const [text, shown] of [
    ['https://h.example/i.json?sig=abc', 'https://h.example/i.json?***'],
    ['https://h.example/i.json?sv=1&sig=a%2Fb%3D', 'https://h.example/i.json?***'],
    ['(see https://h.example/i.json?sig=abc).', '(see https://h.example/i.json?***).'],
    [
      "Source 'https://h/?x=1': gone, and https://h/?y=2, too",
      "Source 'https://h/?***': gone, and https://h/?***, too",
    ],
    ["https://h/it's.json?sig=abc", "https://h/it's.json?***"],
    ['https://h/i.json?sig="quoted"end', 'https://h/i.json?***'],
    ['https://h/i.json#access_token=abc', 'https://h/i.json#***'],
    ['HTTPS://H/I.JSON?SIG=ABC', 'HTTPS://H/I.JSON?***'],
    ['tcp://u:pass@127.0.0.1:1', 'tcp://u:***@127.0.0.1:1'],
    ['tcp://u:p@ss@127.0.0.1:1', 'tcp://u:***@127.0.0.1:1'],
    ['tcp://u:pa/ss@127.0.0.1:1', 'tcp://u:***@127.0.0.1:1'],
    ['https://u:pass@h/a?sig=abc', 'https://u:***@h/a?***'],
    ['https://token@h/a', 'https://***@h/a'],
    ['https://u:@h/a', 'https://u:***@h/a'],
    ['/tmp/https:/h/a.tar?sig=abc', '/tmp/https:/h/a.tar?***'],
    ['C:\\x\\https:\\u:pass@h\\a', 'C:\\x\\https:\\u:***@h\\a'],
    ['ssh://root@host', 'ssh://root@host'],
    ['ssh://root:pass@host', 'ssh://root:***@host'],
    ['"u:pass@h.example:5000/demo:1.0"', '"u:***@h.example:5000/demo:1.0"'],
    ['u:p@ss,word@h.example/demo', 'u:***@h.example/demo'],
    ['"AGE-SECRET-KEY-1KG4QZPQEQCCQRW" is no file', '"AGE-SECRET-KEY-***" is no file'],
    [`found ${'RWRTY0Iy'}${'Ab+/'.repeat(51)}`, 'found RWRTY0Iy***'],
    ['RWQAAEIyAAAA, and https://h/i?sig=x', 'RWQAAEIy***, and https://h/i?***'],
  ] as const)
    it(`are masked in ${text}`, () => expect(withoutSecrets(text)).to.equal(shown))

  for (const text of [
    'https://h.example:5000/base/debian:12.5',
    'docker.io/library/debian:12@sha256:0123',
    'debian:12@sha256:0123',
    'https://h.example:5000/app:1.0@sha256:0123',
    'Is it https://h.example/a? No.',
    'What is meant by demo:*?',
    'mail me@example.org about a:b',
    'C:\\Users\\me@corp\\x/y',
    '/srv/a:b@c/d',
    'unix:///run/docker.sock',
    '!#?@',
    '',
  ])
    it(`are not seen in ${JSON.stringify(text)}`, () => expect(withoutSecrets(text)).to.equal(text))

  it('take no more time than the text is long', () => {
    for (const part of ['a://b:c', 'a:b@', ':', '@', 'a://', 'https://u:p@h/?', "'", 'a,b:c@d', 'aaaa'])
      for (const end of ['', '@', '@h/', '?'])
        expect(inMessage(part.repeat(20_000) + end).length).to.be.at.most(17_000)
  })

  it('are masked before a value is cut, so that no part of a password is left', () => {
    const shown = show(`https://user:${'p'.repeat(300)}@host/x`)
    expect(shown).to.equal('"https://user:***@host/x"')
    expect(show({ a: [`https://h/?${'q'.repeat(300)}`] })).not.to.contain('qq')
  })
})

describe('errors', () => {
  const secret = 'https://u:hidden@h/i.json?sig=hidden'

  it('hold no secret in any of their facts', () => {
    const error = new ContainerImageError('SOURCE_INVALID', `${secret} is none.`, {
      expected: secret,
      found: secret,
      remedy: `Leave ${secret} out.`,
      details: { location: secret, list: [secret, { deep: secret }], count: 7 },
    })
    const all = [error.message, error.expected, error.found, error.remedy, JSON.stringify(error.details)]
    for (const text of all) {
      expect(text).not.to.contain('hidden')
      expect(text).to.contain('https://u:***@h/i.json?***')
    }
    expect(error.details?.count).to.equal(7)
  })

  it('cut a name without end in the middle, wherever it stands', () => {
    const name = `begin${'A'.repeat(100_000)}end`
    const error = new ContainerImageError('NO_MATCH', `No ${name}.`, {
      expected: name,
      found: `${name} ${name}`,
      remedy: name,
      details: { name },
    })
    for (const text of [error.message, error.expected, error.remedy]) {
      expect(String(text).length).to.be.below(500)
      expect(text).to.match(/begin.*\.\.\.\(\d+ more\)\.\.\..*end/)
    }
    expect(JSON.stringify(error.details).length).to.be.below(6000)
  })

  it('cut a list without end, and leave one of a hundred problems', () => {
    expect(inMessage('word '.repeat(100_000)).length).to.be.below(17_000)
    const list = Array.from({ length: 100 }, (_, i) => `images[${i}].name: expected a name, found 7`).join(
      '; ',
    )
    expect(inMessage(list)).to.equal(list)
  })
})
