import { expect } from 'chai'
import { elfArchitecture } from '../../../../provider/formats/rootfs/elf.js'

function head(bits: number, order: number, machine: number): Buffer {
  const bytes = Buffer.alloc(20)
  bytes.write('\x7fELF', 'latin1')
  bytes[4] = bits
  bytes[5] = order
  if (order === 1) bytes.writeUInt16LE(machine, 18)
  else bytes.writeUInt16BE(machine, 18)
  return bytes
}

describe('the architecture of a program', () => {
  it('has the names of the image-spec', () => {
    expect(elfArchitecture(head(2, 1, 62))).to.equal('amd64')
    expect(elfArchitecture(head(1, 1, 3))).to.equal('386')
    expect(elfArchitecture(head(2, 1, 183))).to.equal('arm64')
    expect(elfArchitecture(head(2, 2, 22))).to.equal('s390x')
    expect(elfArchitecture(head(2, 1, 258))).to.equal('loong64')
  })

  it('depends on the order of bytes and the number of bits', () => {
    expect(elfArchitecture(head(2, 1, 21))).to.equal('ppc64le')
    expect(elfArchitecture(head(2, 2, 21))).to.equal('ppc64')
    expect(elfArchitecture(head(1, 1, 8))).to.equal('mipsle')
    expect(elfArchitecture(head(2, 2, 8))).to.equal('mips64')
  })

  it('is not known of scripts, of strange machines and of a few bytes', () => {
    expect(elfArchitecture(Buffer.from('#!/bin/sh\nexit 0 and more'))).to.equal(undefined)
    expect(elfArchitecture(head(2, 1, 9999))).to.equal(undefined)
    expect(elfArchitecture(head(2, 1, 62).subarray(0, 19))).to.equal(undefined)
    expect(elfArchitecture(new Uint8Array())).to.equal(undefined)
  })

  it('is read where the bytes begin, in a larger buffer', () => {
    const larger = Buffer.concat([Buffer.alloc(7), head(2, 1, 62)])
    expect(elfArchitecture(larger.subarray(7))).to.equal('amd64')
  })
})
