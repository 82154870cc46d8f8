import { threadId } from 'node:worker_threads'
import { doing } from '../../../../provider/io/threads/plain-failure.js'
import { type Duty, serve } from '../../../../provider/io/threads/serve.js'
import { Trouble } from '../../../../provider/io/threads/trouble.js'

/** What the pool's tests have done on a thread. */
export type Work =
  | { do: 'answer'; value?: unknown }
  | { do: 'say which thread it is' }
  | { do: 'work until it is stopped' }
  | { do: 'work until it is stopped, and put things in order' }
  | { do: 'work for ever' }
  | { do: 'work on bytes'; counts: number[] }
  | { do: 'hand over'; bytes: Uint8Array }
  | { do: 'refuse' }
  | { do: 'meet a full disk' }
  | { do: 'exit' }
  | { do: 'throw where nobody catches' }

serve((work: Work, duty: Duty<string>): unknown => {
  duty.tell('begun')
  switch (work.do) {
    case 'answer':
      return work.value
    case 'say which thread it is':
      return threadId
    case 'work until it is stopped':
      for (;;) duty.checkpoint()
    case 'work until it is stopped, and put things in order':
      while (!duty.isStopped());
      duty.tell('in order')
      return undefined
    case 'work for ever':
      for (;;);
    case 'work on bytes':
      for (const count of work.counts) duty.onBytes(count)
      return undefined
    case 'hand over':
      duty.transfer.push(work.bytes.buffer as ArrayBuffer)
      return work.bytes
    case 'refuse': {
      const facts = { side: 'source', expected: 'a tar', found: 'a zip' } as const
      throw Object.assign(new Trouble('ARCHIVE_INVALID', 'It is not a tar.', facts), { details: { at: 512 } })
    }
    case 'meet a full disk':
      return doing('Writing the layer', 'destination', () => {
        throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' })
      })
    case 'exit':
      process.exit(3)
      break
    case 'throw where nobody catches':
      setImmediate(() => {
        throw new Error('a fault')
      })
      return new Promise(() => {})
  }
})
