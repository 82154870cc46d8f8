import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import type { Streams } from '../../../cli/output/streams.js'
import { confirmed } from '../../../cli/terminal/confirm.js'

/** What a user answers on a terminal, who is asked whether to go on. */
async function answered(text: string): Promise<boolean> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const stderr = Object.assign(new PassThrough(), { isTTY: true })
  stderr.resume()
  stdin.end(text)
  const streams = { stdin, stderr, stdout: new PassThrough() } as unknown as Streams
  return await confirmed('Uninstall Package', 'debian 12.4', streams, new AbortController().signal)
}

describe('the question whether to go on', () => {
  it('is answered with yes by y and yes alone, in any case', async () => {
    for (const text of ['y\n', 'Y\n', 'yes\n', ' Yes \n']) expect(await answered(text), text).to.equal(true)
  })

  it('is answered with no by everything else, an empty line too', async () => {
    for (const text of ['\n', ' \n', '\r\n', 'n\n', 'no\n', '', 'yess\n', 'ye\n', 'y y\n', '\ny\n', '1\n'])
      expect(await answered(text), JSON.stringify(text)).to.equal(false)
  })
})
