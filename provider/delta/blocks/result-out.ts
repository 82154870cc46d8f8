import { createHash } from 'node:crypto'
import { closeSync } from 'node:fs'
import { openNewSync } from '../../io/files/own-file.js'
import { doing } from '../../io/threads/plain-failure.js'
import { Trouble } from '../../io/threads/trouble.js'
import type { Wanted } from './task.js'
import { writeAll } from './unpack-job.js'

/** The output: hashed, counted and, if requested, written. */
export class ResultOut {
  private size = 0
  private readonly fd: number
  private readonly hash

  constructor(
    private readonly wanted: Wanted,
    private readonly onBytes: (count: number) => void,
  ) {
    const { to, algorithm } = wanted
    this.hash = createHash(algorithm)
    this.fd = to === undefined ? -1 : doing(`Writing ${to}`, 'destination', () => openNewSync(to, 0o600))
  }

  take(bytes: Buffer): void {
    this.size += bytes.length
    if (this.size > this.wanted.size) throw mismatch(this.wanted.size, `more than ${this.wanted.size} bytes`)
    this.hash.update(bytes)
    if (this.fd >= 0) writeAll(this.fd, bytes, this.wanted.to ?? '')
    this.onBytes(bytes.length)
  }

  /** @returns the digest's hex */
  end(): string {
    if (this.size !== this.wanted.size) throw mismatch(this.wanted.size, `${this.size} bytes`)
    return this.hash.digest('hex')
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd)
  }
}

function mismatch(size: number, found: string): Trouble {
  return new Trouble('SIZE_MISMATCH', 'What the delta gives has another size than it says.', {
    side: 'source',
    expected: `${size} bytes`,
    found,
  })
}
