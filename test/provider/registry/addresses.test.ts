import { expect } from 'chai'
import { isLoopbackHost, isPrivateAddress, isPrivateByName } from '../../../provider/registry/addresses.js'

describe('addresses', () => {
  for (const address of [
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '[::1]',
    'no address',
  ])
    it(`takes ${address} for private`, () => expect(isPrivateAddress(address)).to.equal(true))

  for (const address of [
    '8.8.8.8',
    '172.32.0.1',
    '169.253.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '100.128.0.1',
  ])
    it(`takes ${address} for public`, () => expect(isPrivateAddress(address)).to.equal(false))

  it('knows this machine by its names, and by nothing that only looks like them', () => {
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.255.0.1', '[::1]', '::1'])
      expect(isLoopbackHost(host), host).to.equal(true)
    for (const host of [
      'localhost.example.org',
      '127.0.0.1.example.org',
      '128.0.0.1',
      'example.org',
      '[::2]',
    ])
      expect(isLoopbackHost(host), host).to.equal(false)
  })

  it('reads the other spellings of an address as URLs do', () => {
    for (const text of ['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://127.1/'])
      expect(isPrivateByName(new URL(text).hostname), text).to.equal(true)
  })
})
