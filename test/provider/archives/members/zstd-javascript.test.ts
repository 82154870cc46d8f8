import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { inJavaScript } from '../../../../provider/archives/members/zstd-javascript.js'
import { onPath } from '../../../peers/peers.js'

describe('zstd in plain JavaScript', () => {
  it('reads from a buffer that is filled again for each chunk', async function () {
    if (onPath('zstd') === undefined) this.skip()
    const plain = Buffer.concat([randomBytes(300_000), Buffer.alloc(300_000, 'words '), randomBytes(300_000)])
    const { stdout } = spawnSync('zstd', ['-q', '-c'], { input: plain, maxBuffer: 1 << 24 })
    const buffer = Buffer.alloc(10_007)
    async function* reused() {
      for (let at = 0; at < stdout.length; at += buffer.length) {
        const count = stdout.copy(buffer, 0, at)
        yield buffer.subarray(0, count)
        buffer.fill(0)
      }
    }
    const chunks: Buffer[] = []
    for await (const chunk of inJavaScript(reused())) chunks.push(Buffer.from(chunk))
    expect(Buffer.concat(chunks).equals(plain)).to.equal(true)
  })
})
