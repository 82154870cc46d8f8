import { read } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ContainerImageError } from '../../manifests/index.js'
import { CHUNK_BYTES, type Chunk, type ChunkCache } from './chunk-cache.js'
import type { OpenFile } from './open-files.js'
import type { Verdict } from './verifications.js'

/** What is sent of a file. */
export interface Passage {
  file: OpenFile
  /** In bytes from the start of the file. */
  start: number
  end: number
}

/** Read into a buffer of the client's own, in bytes, where every chunk of the cache is in slow clients' hands. */
const OWN_BYTES = 16 * 1024

/** After the kernel has taken this many bytes at once, other clients get a turn. */
const TURN_BYTES = 1024 * 1024

/**
 * Sends a passage of a file to one client: one write at a time, so that no client holds more than one chunk. The
 * last of them stays here until the whole blob is known to be what its digest says.
 *
 * The bytes go to the socket and not through the response, whose headers are out: the response would do nothing
 * with them, and cost a turn of the queue for each write.
 */
export class Transfer {
  /** In bytes. */
  sent = 0
  private position: number
  private socket: Socket | undefined
  private own: Buffer | undefined
  private turn = 0
  private isOver = false
  private verdict: Verdict
  private settle: (error?: Error) => void = () => {}

  constructor(
    private readonly cache: ChunkCache,
    private readonly response: ServerResponse,
    private readonly passage: Passage,
    verdict: Verdict,
  ) {
    this.position = passage.start
    this.verdict = verdict
  }

  /**
   * Sends all of it; the headers have been written.
   * @throws the reason for which the client did not get all: then its connection has to be broken
   */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = (error) => {
        if (this.isOver) return
        this.isOver = true
        if (error) reject(error)
        else resolve()
      }
      this.response.once('close', () => this.settle(gone()))
      const begin = (socket: Socket): void => {
        this.socket = socket
        this.response.flushHeaders()
        this.next()
      }
      // Of requests that came in one go, each waits for the answer before it.
      if (this.response.socket) begin(this.response.socket)
      else this.response.once('socket', begin)
    })
  }

  private readonly next = (): void => {
    if (this.isOver) return
    if (this.position >= this.passage.end) {
      this.response.end(() => this.settle())
      return
    }
    if (this.turn < TURN_BYTES) this.fetch()
    else {
      this.turn = 0
      setImmediate(this.fetch)
    }
  }

  private readonly fetch = (): void => {
    if (this.isOver) return
    const number = Math.floor(this.position / CHUNK_BYTES)
    if (!this.cache.take(this.passage.file, number, this.onChunk)) this.fetchOwn()
  }

  private readonly onChunk = (chunk: Chunk): void => {
    const from = this.position - chunk.number * CHUNK_BYTES
    const to = Math.min(chunk.length, this.passage.end - chunk.number * CHUNK_BYTES)
    const give = (): void => this.cache.give(chunk)
    if (chunk.error || from >= to) {
      give()
      this.settle(chunk.error ?? cutShort(this.passage.file, this.position))
    } else this.release(chunk.bytes.subarray(from, to), give)
  }

  private fetchOwn(): void {
    this.own ??= Buffer.allocUnsafeSlow(OWN_BYTES)
    const { own, position, passage } = this
    const wanted = Math.min(OWN_BYTES, passage.end - position)
    read(passage.file.fd, own, 0, wanted, position, (error, count) => {
      if (error || count === 0) this.settle(error ?? cutShort(passage.file, position))
      else this.release(own.subarray(0, count), () => {})
    })
  }

  /** Lets bytes go, except the last ones of a blob that may be damaged. */
  private release(bytes: Buffer, give: () => void): void {
    const isLast = this.position + bytes.length >= this.passage.end
    const { verdict } = this
    if (!isLast || verdict.state === 'right') this.write(bytes, give)
    else if (verdict.state === 'wrong') {
      give()
      this.settle(verdict.error)
    } else
      void verdict.done.then((settled) => {
        this.verdict = settled
        this.release(bytes, give)
      })
  }

  private write(bytes: Buffer, give: () => void): void {
    if (this.isOver || !this.socket) {
      give()
      return
    }
    this.position += bytes.length
    this.turn += bytes.length
    // Always called, even if the connection breaks; before that the kernel may still be reading the chunk.
    this.socket.write(bytes, (error) => {
      give()
      if (error) {
        this.settle(gone())
        return
      }
      this.sent += bytes.length
      this.next()
    })
  }
}

/** A client going away is nobody's fault. */
export class ClientGone extends Error {}

function gone(): ClientGone {
  return new ClientGone('The client closed the connection.')
}

function cutShort(file: OpenFile, position: number): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${file.path} ends before it should.`, {
    side: 'source',
    expected: 'more bytes',
    found: `its end at byte ${position}`,
  })
}
