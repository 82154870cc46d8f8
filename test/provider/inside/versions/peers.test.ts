import { expect } from 'chai'
import { compareDeb } from '../../../../provider/inside/versions/deb.js'
import type { VersionOrder } from '../../../../provider/inside/versions/orders.js'
import { compareRpm } from '../../../../provider/inside/versions/rpm.js'
import { Seeded } from '../../../manifests/seeded.js'
import { describeWithPeers, runPeer } from '../../../peers/peers.js'

const PAIRS = 10_000

describeWithPeers(['dpkg'], "the order of Debian's versions", () => {
  it('is that of dpkg, over ten thousand pairs', () => {
    const pairs = pairsOf(1, (seeded) => {
      const epoch = seeded.below(5) === 0 ? `${seeded.below(3)}:` : ''
      const revision = seeded.below(2) === 0 ? `-${seeded.text('0159ab.+~', 1, 5)}` : ''
      // dpkg wants an upstream version that begins with a digit.
      return `${epoch}${seeded.below(4)}${seeded.text('001259abzA.+~-', 0, 7)}${revision}`
    })
    // One shell for all, and of each pair only what is expected: dpkg is started ten thousand times. Only its own words and
    // versions of the characters above get into the shell.
    const script = pairs.map(([a, b]) => {
      const expected = ['lt', 'eq', 'gt'][Math.sign(compareDeb(a, b)) + 1]
      return `dpkg --compare-versions '${a}' ${expected} '${b}' || echo '${a} is not ${expected} ${b}'`
    })
    expect(runPeer('sh', [], { input: Buffer.from(`${script.join('\n')}\n`) })).to.equal('')
  })
})

describeWithPeers(['rpm'], "the order of RPM's versions", () => {
  it('is that of rpm, over ten thousand pairs', () => {
    const pairs = pairsOf(2, (seeded) => {
      const epoch = seeded.below(5) === 0 ? `${seeded.below(3)}:` : ''
      const release = seeded.below(2) === 0 ? `-${seeded.text('0159ael._~^', 1, 6)}` : ''
      return `${epoch}${seeded.text('00159abzA._+~^', 1, 8)}${release}`
    })
    const expected = inBatches(pairs, 500).flatMap((batch) => {
      const calls = batch.map(([a, b]) => `print(rpm.vercmp("${a}","${b}").." ")`).join(' ')
      return runPeer('rpm', ['--eval', `%{lua: ${calls}}`])
        .trim()
        .split(/\s+/)
    })
    expect(differences(pairs, compareRpm, expected).join('\n')).to.equal('')
  })
})

/** What both take for a version: with a number for an epoch, and something on both sides of the last hyphen. */
const SOUND = /^(?:\d+:)?\d[^:]*[^-:]$/

/** Every second one is nearly the same twice. */
function pairsOf(seed: number, version: (seeded: Seeded) => string): [string, string][] {
  const seeded = new Seeded(seed)
  const pairs: [string, string][] = []
  while (pairs.length < PAIRS) {
    const one = version(seeded)
    const at = 1 + seeded.below(one.length)
    const changed = one.slice(0, at) + seeded.text('01a.~', 0, 2) + one.slice(at)
    const other = pairs.length % 2 === 0 ? version(seeded) : changed
    if (SOUND.test(one) && SOUND.test(other)) pairs.push([one, other])
  }
  return pairs
}

/** The pairs that a peer sees otherwise; it says -1, 0 or 1 of each. */
function differences(pairs: [string, string][], order: VersionOrder, signs: string[]): string[] {
  expect(signs.length).to.equal(pairs.length)
  return pairs.flatMap(([a, b], at) => {
    const ours = Math.sign(order(a, b))
    return ours === Number(signs[at]) ? [] : [`${a} and ${b}: ${ours}, and ${signs[at]}`]
  })
}

function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  )
}
