import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { inFewBlocks } from '../../../../provider/archives/members/zstd-frames.js'
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
    for await (const chunk of inJavaScript(inFewBlocks(reused(), 'it'))) chunks.push(Buffer.from(chunk))
    expect(Buffer.concat(chunks).equals(plain)).to.equal(true)
  })

  it('compares every frame with its checksum, whatever its length', async function () {
    if (onPath('zstd') === undefined) this.skip()
    for (const count of [0, 1, 3, 4, 7, 8, 31, 32, 33, 63, 64, 100, 4096, 300_001]) {
      const plain = randomBytes(count)
      const { stdout: frame } = spawnSync('zstd', ['-q', '-c', '--check'], {
        input: plain,
        maxBuffer: 1 << 24,
      })
      const { stdout: bare } = spawnSync('zstd', ['-q', '-c', '--no-check'], {
        input: plain,
        maxBuffer: 1 << 24,
      })
      expect((await unpacked(frame, bare, frame)).equals(Buffer.concat([plain, plain, plain]))).to.equal(true)
      const damaged = Buffer.from(frame)
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
      for (const frames of [[damaged], [damaged, frame], [bare, damaged]])
        expect(await unpacked(...frames).catch((error: Error) => error.message)).to.match(/checksum/)
    }
  })
})

async function unpacked(...frames: Buffer[]): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  async function* whole() {
    yield Buffer.concat(frames)
  }
  for await (const chunk of inJavaScript(inFewBlocks(whole(), 'it'))) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
