import { expect } from 'chai'
import { endOfLife } from '../../../../provider/inside/releases/end-of-life.js'
import { debianRelease, RELEASES } from '../../../../provider/inside/releases/releases.js'

const NOW = new Date('2026-11-30T12:00:00Z')

describe('the end of life of a distribution', () => {
  it('is told by its release, with who repairs it for longer', () => {
    expect(endOfLife({ id: 'debian', version: '12' }, NOW)).to.deep.equal({
      end: '2026-07-11',
      isOver: true,
      longer: { by: 'Debian LTS', end: '2028-06-30', isOver: false },
    })
    expect(endOfLife({ id: 'debian', codename: 'trixie' }, NOW)).to.deep.include({
      end: '2028-08-09',
      isOver: false,
    })
    expect(endOfLife({ id: 'alpine', version: '3.19.4' }, NOW)).to.deep.equal({
      end: '2025-11-01',
      isOver: true,
    })
    expect(endOfLife({ id: 'rhel', version: '9.4' }, NOW)).to.deep.include({
      end: '2032-05-31',
      isOver: false,
    })
    expect(endOfLife({ id: 'windows', version: '10.0.20348.2227' }, NOW)).to.deep.equal({
      end: '2031-10-14',
      isOver: false,
    })
  })

  it('counts the last day in', () => {
    const last = { id: 'debian', version: '12' }
    expect(endOfLife(last, new Date('2026-07-11T23:59:59Z'))?.isOver).to.equal(false)
    expect(endOfLife(last, new Date('2026-07-12T00:00:00Z'))?.isOver).to.equal(true)
  })

  it('is not known of what is not in the table, is like something in it, or has no end yet', () => {
    for (const one of [
      { id: 'debian', codename: 'sid' },
      { id: 'debian', version: '14' },
      { id: 'debian', version: '1' },
      { id: 'kali', like: ['debian'], version: '12' },
      { id: 'alpine', version: '3.190' },
    ])
      expect(endOfLife(one, NOW), JSON.stringify(one)).to.equal(undefined)
  })

  it('is in the table by days that are, each release once', () => {
    for (const { end, longerEnd } of RELEASES)
      for (const day of [end, longerEnd])
        if (day !== undefined) expect(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10)).to.equal(day)
    expect(new Set(RELEASES.map(({ id, version }) => `${id} ${version}`)).size).to.equal(RELEASES.length)
    expect(debianRelease('bookworm')).to.equal('12')
    expect(debianRelease('sid')).to.equal(undefined)
  })
})
