import { expect } from 'chai'
import { parseOsRelease } from '../../../provider/names/os-release.js'

describe('os-release', () => {
  it('is lines of keys and values, quoted or not', () => {
    const text =
      'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID=\'12\'\nPRETTY_NAME="a \\"b\\" \\$c \\\\ \\`"\n'
    expect(parseOsRelease(text)).to.deep.equal({
      ID: 'debian',
      NAME: 'Debian GNU/Linux',
      VERSION_ID: '12',
      PRETTY_NAME: 'a "b" $c \\ `',
    })
  })

  it('takes nothing else for a key', () => {
    expect(parseOsRelease('# ID=no\n\nid=no\n=no\nID no\n 9=no\nID =no')).to.deep.equal({})
  })

  it('ends lines as Windows does, too, and needs no end of the last one', () => {
    expect(parseOsRelease('ID="a"\r\nVERSION_ID=1')).to.deep.equal({ ID: 'a', VERSION_ID: '1' })
  })

  it('lets the last of two lines count, as a shell does', () => {
    expect(parseOsRelease('ID=a\nID=b\n')).to.deep.equal({ ID: 'b' })
  })

  it('leaves a quote that does not end as it is', () => {
    expect(parseOsRelease('ID="a\nVERSION_ID="')).to.deep.equal({ ID: '"a', VERSION_ID: '"' })
  })
})
